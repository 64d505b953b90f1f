import { Secret, TOTP } from 'otpauth';

import { type Answer, RunningAdminApi } from './admin-api.fixture';

const PASSWORD = 'correct horse battery staple';

describe('administrators', () => {
  let api: RunningAdminApi;
  let n = 0;

  beforeAll(async () => {
    api = await RunningAdminApi.start();
  });
  afterAll(() => api.stop());

  const aPerson = async (fields: object = {}) => {
    n += 1;
    const body = { email: `P${n}@Example.com`, name: `P${n}`, role: 'admin', password: PASSWORD };
    return (await api.created('/administrators', { ...body, ...fields })) as {
      id: string;
      email: string;
    };
  };
  const logIn = (email: string, password = PASSWORD, code?: string): Promise<Answer> =>
    api.post('/session', { email, password, ...(code ? { code } : {}) }, { key: null });
  const cookieOf = (answer: Answer): string =>
    String(answer.headers.get('set-cookie')).split(';')[0] ?? '';
  async function aSession(fields: object = {}) {
    const person = await aPerson(fields);
    const answer = await logIn(person.email);
    const cookie = cookieOf(answer);
    const csrf = answer.body.csrfToken as string;
    const reads = { key: null, headers: { cookie } };
    const writes = { key: null, headers: { cookie, 'x-csrf-token': csrf } };
    return { person, answer, cookie, csrf, reads, writes };
  }
  const seen = ({ status, body }: Answer) => [status, body?.code];

  it('log in with a password and act by a cookie that scripts cannot read', async () => {
    const { person, answer, reads, writes, csrf } = await aSession();

    expect([answer.status, answer.body]).toEqual([
      200,
      expect.objectContaining({
        kind: 'administrator',
        id: person.id,
        role: 'admin',
        platform: false,
      }),
    ]);
    expect(answer.headers.get('set-cookie')).toMatch(
      /^carillon_session=[\w-]{43}; Max-Age=43200; Path=\/api; .*HttpOnly; SameSite=Strict$/,
    );
    expect((await api.get('/session', reads)).body.csrfToken).toBe(csrf);
    const agent = await api.post('/agents', { name: 'A', kind: 'demo' }, writes);
    expect(agent.status).toBe(201);
    const [row] = (await api.get(`/audit?resourceId=${agent.body.id}`)).body.items;
    expect(row.actor).toEqual({
      administratorId: person.id,
      name: 'P1',
      role: 'admin',
      isPlatform: false,
    });
    const [login] = (await api.get(`/audit?action=session.login&resourceId=${person.id}`)).body
      .items;
    expect(login).toMatchObject({ ip: '127.0.0.1' });
  });

  it('cannot be made to write by another page: a write wants its token', async () => {
    const { reads, cookie } = await aSession();
    const agent = { name: 'A', kind: 'demo' };

    expect(seen(await api.post('/agents', agent, reads))).toEqual([403, 'csrf_token_required']);
    const forged = { key: null, headers: { cookie, 'x-csrf-token': 'x'.repeat(43) } };
    expect(seen(await api.post('/agents', agent, forged))).toEqual([403, 'csrf_token_required']);
    expect((await api.get('/agents', reads)).status).toBe(200);
  });

  it('log out, and lose their sessions when somebody changes password or role, or takes access away', async () => {
    const one = await aSession();
    expect((await api.delete('/session', one.writes)).status).toBe(204);
    expect(seen(await api.get('/agents', one.reads))).toEqual([401, 'unauthorized']);

    for (const patch of [{ password: 'quite another password' }, { role: 'viewer' }]) {
      const two = await aSession();
      await api.patch(`/administrators/${two.person.id}`, patch);
      expect((await api.get('/agents', two.reads)).status).toBe(401);
    }
    const three = await aSession();
    expect((await api.delete(`/administrators/${three.person.id}`)).status).toBe(204);
    expect((await api.get('/agents', three.reads)).status).toBe(401);
    expect(seen(await logIn(three.person.email))).toEqual([401, 'login_failed']);
  });

  it('are asked again after half an hour of silence, or twelve hours', async () => {
    for (const column of [
      `seen_at = now() - interval '31 minutes'`,
      `created_at = now() - interval '13 hours'`,
    ]) {
      const { person, reads } = await aSession();
      await api.sql(`UPDATE admin_session SET ${column} WHERE administrator_id = $1`, [person.id]);
      expect((await api.get('/agents', reads)).status).toBe(401);
    }
  });

  it('change their own password, which ends their other sessions', async () => {
    const here = await aSession();
    const there = cookieOf(await logIn(here.person.email));
    const next = 'quite another password';

    const wrong = await api.post('/session/password', { current: 'wrong', next }, here.writes);
    expect(seen(wrong)).toEqual([401, 'login_failed']);
    expect(
      (await api.post('/session/password', { current: PASSWORD, next }, here.writes)).status,
    ).toBe(204);

    expect((await api.get('/session', here.reads)).status).toBe(200);
    expect((await api.get('/session', { key: null, headers: { cookie: there } })).status).toBe(401);
    expect((await logIn(here.person.email, next)).status).toBe(200);
  });

  it('turn on a second factor, which is then asked for; a code is good once', async () => {
    const { person, writes } = await aSession();
    const { body } = await api.post('/session/totp', {}, writes);
    const app = new TOTP({ secret: Secret.fromBase32(body.secret) });
    expect(body.url).toContain('otpauth://totp/Carillon:');
    expect((await logIn(person.email)).status).toBe(200);
    const wrong = await api.post('/session/totp/confirm', { code: '000000' }, writes);
    expect(seen(wrong)).toEqual([401, 'login_failed']);

    const first = app.generate();
    expect((await api.post('/session/totp/confirm', { code: first }, writes)).status).toBe(204);

    expect(seen(await logIn(person.email))).toEqual([401, 'code_required']);
    expect(seen(await logIn(person.email, PASSWORD, first))).toEqual([401, 'login_failed']);
    const next = app.generate({ timestamp: Date.now() + 30_000 });
    expect((await logIn(person.email, PASSWORD, next)).status).toBe(200);
    expect(seen(await api.post('/session/totp', {}, writes))).toEqual([409, 'totp_on']);
    await api.patch(`/administrators/${person.id}`, { totp: 'off' });
    expect((await logIn(person.email)).status).toBe(200);
  });

  it('who guess have to wait, whoever they are; the right password does not help meanwhile', async () => {
    const person = await aPerson();
    for (let tries = 0; tries < 5; tries += 1)
      expect(seen(await logIn(person.email, `wrong ${tries}`))).toEqual([401, 'login_failed']);

    const braked = await logIn(person.email);
    expect(seen(braked)).toEqual([429, 'too_many_attempts']);
    expect(Number(braked.headers.get('retry-after'))).toBeGreaterThan(0);
    await api.sql(`UPDATE login_failure SET last_at = now() - interval '16 minutes'`);
    expect((await logIn(person.email)).status).toBe(200);
    for (let tries = 0; tries < 20; tries += 1) await logIn(`nobody${tries}@example.com`, 'wrong');
    expect((await logIn('somebody@example.com')).status).toBe(429);
    await api.sql('DELETE FROM login_failure');
  });

  it('belong to a tenant, or to the platform and then choose one', async () => {
    await api.created('/tenants', { name: 'T', slug: 'other' });
    const own = await aSession();
    const boss = await aSession({ scope: 'platform', role: 'owner' });
    const inOther = (session: typeof own) => ({ ...session.reads, tenant: 'other' });

    expect(seen(await api.get('/agents', inOther(own)))).toEqual([403, 'wrong_tenant']);
    expect((await api.get('/agents', inOther(boss))).status).toBe(200);
    const wanted = { email: 'x@example.com', name: 'X', role: 'owner', scope: 'platform' };
    const owner = await aSession({ role: 'owner' });
    expect(seen(await api.post('/administrators', wanted, owner.writes))).toEqual([
      403,
      'platform_key_required',
    ]);
    expect(
      seen(
        await api.post('/administrators', { ...wanted, scope: 'tenant', email: own.person.email }),
      ),
    ).toEqual([409, 'email_taken']);
  });

  it('leave no password, code secret or token behind: not in answers, rows or log lines', async () => {
    const { answer, cookie } = await aSession();
    const token = cookie.split('=')[1] ?? '';
    const rows = await api.sql<{ text: string }>(
      `SELECT string_agg(a::text, '') || (SELECT string_agg(s::text, '') FROM admin_session s)
         || (SELECT string_agg(l::text, '') FROM audit_log l) AS text FROM administrator a`,
    );
    for (const text of [answer.text, String(rows[0]?.text), api.logLines.join()])
      for (const secret of [PASSWORD, token]) expect(text).not.toContain(secret);
    expect(rows[0]?.text).toContain('$argon2id$');
  });
});

describe('API keys', () => {
  let api: RunningAdminApi;
  beforeAll(async () => {
    api = await RunningAdminApi.start();
  });
  afterAll(() => api.stop());

  it('are rotated: the old one works until the overlap is over', async () => {
    const old = await api.created('/api-keys', { name: 'CI', role: 'operator' });
    const { body: next } = await api.post(`/api-keys/${old.id}/rotate`, { overlapSeconds: 60 });

    expect(next).toMatchObject({ name: 'CI', role: 'operator', scope: 'tenant', expiresAt: null });
    for (const { key } of [old, next])
      expect((await api.get('/channels', { key })).status).toBe(200);
    expect((await api.get(`/api-keys/${old.id}`)).body.expiresAt).not.toBeNull();
    await api.post(`/api-keys/${next.id}/rotate`, { overlapSeconds: 0 });
    expect((await api.get('/channels', { key: next.key })).status).toBe(401);
    expect((await api.post(`/api-keys/${next.id}/rotate`, {})).body.code).toBe('key_not_valid');
  });

  it('for some channels reach those, and nothing else', async () => {
    const [mine, other] = [await api.channel(), await api.channel()];
    const { key } = await api.created('/api-keys', {
      name: 'One',
      role: 'admin',
      channelIds: [mine.id],
    });
    const codes = async (path: string) => {
      const { status, body } = await api.get(path, { key });
      return status === 200 ? 200 : body.code;
    };

    for (const path of [
      `/channels/${mine.id}`,
      `/channels/${mine.id}/status`,
      `/turns?channelId=${mine.id}`,
    ])
      expect([path, await codes(path)]).toEqual([path, 200]);
    for (const path of [
      `/channels/${other.id}`,
      '/channels',
      '/turns',
      `/turns?channelId=${other.id}`,
      '/agents',
      '/members',
      `/agents?channelId=${mine.id}`,
      `/tenants/00000000-0000-4000-8000-000000000001?channelId=${mine.id}`,
    ])
      expect([path, await codes(path)]).toEqual([path, 'channel_scope']);
    expect((await api.patch(`/channels/${mine.id}`, { name: 'Mine' }, { key })).status).toBe(200);
    expect((await api.post('/channels', {}, { key })).body.code).toBe('channel_scope');
    const unknown = await api.post('/api-keys', {
      name: 'X',
      role: 'viewer',
      channelIds: ['00000000-0000-4000-8000-00000000dead'],
    });
    expect(unknown.body.errors).toEqual([
      { path: 'channelIds.0', message: 'there is no such channel' },
    ]);
  });
});
