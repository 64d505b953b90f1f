import { aMessage, BOT, eventually, SandboxHarness, SEND, SECRET } from './sandbox-harness';

describe('tokens and errors', () => {
  let dingtalk: SandboxHarness;

  beforeEach(async () => {
    dingtalk = await SandboxHarness.start();
  });
  afterEach(() => dingtalk.stop());

  it('C1 gives the same token while it is valid, a new one afterwards', async () => {
    const first = await dingtalk.token();
    // Asking extends it, here to almost nothing: a busy machine must not let it run out before we have asked.
    await dingtalk.control('PATCH', '/settings', { tokenLifeMs: 20 });
    const again = await dingtalk.token();
    const expired = Date.now() + 30;
    await eventually(() => Date.now() > expired);

    expect(again).toBe(first);
    expect(await dingtalk.token()).not.toBe(first);
  });

  it('C1 gives tokens for a corp in both other ways', async () => {
    const unified = await dingtalk.call('POST', '/v1.0/oauth2/dingsandboxcorp/token', {
      client_id: BOT,
      client_secret: SECRET,
      grant_type: 'client_credentials',
    });
    const suite = await dingtalk.call('POST', '/v1.0/oauth2/corpAccessToken', {
      suiteKey: BOT,
      suiteSecret: SECRET,
      authCorpId: 'dingsandboxcorp',
      suiteTicket: 't',
    });

    expect(unified.body).toEqual({ access_token: expect.any(String), expires_in: 7200 });
    expect(suite.body).toEqual({ accessToken: expect.any(String), expireIn: 7200 });
  });

  it('C2 refuses a wrong secret', async () => {
    const answer = await dingtalk.call('POST', '/v1.0/oauth2/accessToken', {
      appKey: BOT,
      appSecret: 'x',
    });

    expect(answer).toMatchObject({ status: 400, body: { code: 'invalidClientIdOrSecret' } });
  });

  it('C3 refuses a missing token and C4 one revoked in the middle', async () => {
    const without = await dingtalk.call('POST', SEND, aMessage());
    const token = await dingtalk.token();
    await dingtalk.control('POST', `/apps/${BOT}/revoke-token`);
    const headers = { 'x-acs-dingtalk-access-token': token };
    const revoked = await dingtalk.call('POST', SEND, aMessage(), headers);

    for (const answer of [without, revoked]) {
      expect(answer.status).toBe(400);
      expect(answer.body).toEqual({
        code: 'InvalidAuthentication',
        requestid: expect.any(String),
        message: '不合法的access_token',
      });
    }
  });

  it('C3 refuses an expired token', async () => {
    await dingtalk.control('PATCH', '/settings', { tokenLifeMs: 1 });
    const headers = { 'x-acs-dingtalk-access-token': await dingtalk.token() };
    const expired = Date.now() + 5;
    await eventually(() => Date.now() > expired);

    expect((await dingtalk.call('POST', SEND, aMessage(), headers)).body.code).toBe(
      'InvalidAuthentication',
    );
  });

  it('C8 cuts a substitute answer in half too', async () => {
    await dingtalk.control('PUT', '/faults', {
      on: 'batchSend',
      act: { status: 500, body: { code: 'x' }, truncated: true },
    });

    expect(await dingtalk.api('POST', SEND, aMessage())).toMatchObject({
      status: 500,
      body: '{"code',
    });
  });

  it('C5 names the scope that is missing', async () => {
    await dingtalk.control('PUT', `/apps/${BOT}`, { clientSecret: SECRET, scopes: [] });

    expect(await dingtalk.api('POST', SEND, aMessage())).toMatchObject({
      status: 403,
      body: {
        code: 'Forbidden.AccessDenied.AccessTokenPermissionDenied',
        accessdenieddetail: { requiredScopes: ['qyapi_robot_sendmsg'] },
      },
    });
  });

  it.each([
    ['C6', 'ipNotInWhiteList', 403, 'Forbidden.AccessDenied.IpNotInWhiteList'],
    ['C64', 'tooFast', 400, 'send.too.fast'],
    ['C64', 'tooMany', 429, 'system.busy'],
    ['C64', 'systemError', 500, 'system.error'],
    ['C64', 'gatewayTimeout', 504, 'ServiceUnavailable'],
    ['C66', 'quota', 403, 'Forbidden.AccessDenied.ApiCountLimitForOrg'],
  ])('%s answers %s on demand', async (_c, error, status, code) => {
    await dingtalk.control('PUT', '/faults', { on: 'batchSend', act: { error } });

    expect(await dingtalk.api('POST', SEND, aMessage())).toMatchObject({ status, body: { code } });
  });

  it('C7 answers HTTP 200 with errcode on the legacy API, as a string if told so', async () => {
    const wrong = await dingtalk.call('GET', `/gettoken?appkey=${BOT}&appsecret=x`);
    await dingtalk.control('PATCH', '/settings', { errcodeAsString: true });
    const right = await dingtalk.call('GET', `/gettoken?appkey=${BOT}&appsecret=${SECRET}`);

    expect(wrong).toMatchObject({ status: 200, body: { errcode: 40089 } });
    expect(right.body).toMatchObject({ errcode: '0', access_token: expect.any(String) });
  });

  it('C8 answers errors with other keys, HTML, nothing, or half of it', async () => {
    const answers = [];
    for (const more of [
      { otherCase: true },
      { html: true },
      { empty: true, status: 502 },
      { truncated: true },
    ]) {
      const act = 'html' in more || 'empty' in more ? more : { error: 'scope', ...more };
      await dingtalk.control('PUT', '/faults', { on: 'batchSend', times: 1, act });
      answers.push(await dingtalk.api('POST', SEND, aMessage()));
    }

    expect(answers[0]?.body).toMatchObject({
      Code: expect.any(String),
      requestId: expect.any(String),
    });
    expect(answers[1]?.text).toContain('<html>');
    expect(answers[2]).toMatchObject({ status: 502, text: '' });
    expect(typeof answers[3]?.body).toBe('string');
  });

  it('C9 takes an upload with a token of either kind', async () => {
    const { body } = await dingtalk.call('GET', `/gettoken?appkey=${BOT}&appsecret=${SECRET}`);
    const form = new FormData();
    form.append('media', new Blob(['png']), 'a.png');
    const url = `${dingtalk.sandbox.url}/media/upload?access_token=${body.access_token}&type=image`;
    const answer = (await (await fetch(url, { method: 'POST', body: form })).json()) as object;

    expect(answer).toMatchObject({
      errcode: 0,
      media_id: expect.stringMatching(/^@/),
      type: 'image',
    });
  });
});
