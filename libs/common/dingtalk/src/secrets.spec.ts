import { inspect } from 'node:util';

import { OutboundGuard } from '@common/outbound';

import type { DingTalkClient } from './dingtalk-client';
import { anApp, FakeApi, failureOf, hang, json, raw, reset } from './open-api/fake-api.fixture';

const SECRET = 'Pl4nted';
let api: FakeApi;
beforeEach(async () => (api = await new FakeApi().listen()));
afterEach(() => api.close());

/** Answers that echo whatever they were sent, as a careless proxy would. */
const echo = (status: number) =>
  json(status, {
    code: `x ${SECRET}`,
    message: SECRET,
    requestid: `${SECRET} ${SECRET}`,
    errcode: `${SECRET}`,
    errmsg: SECRET,
    status: SECRET,
  });

/** Fails at the token, or, where the answer looks like a success, at a path that holds the secret. */
async function askedForAToken(client: DingTalkClient): Promise<void> {
  await client.tokens.verify(anApp('ding2', SECRET));
  await client.api.call({ app: anApp(), method: 'GET', path: `/x?s=${SECRET}` });
}

describe('C101', () => {
  it.each([
    ['200 that is no success', raw(200, `{"${SECRET}`)],
    ['an echoing 400', echo(400)],
    ['an echoing 403', echo(403)],
    ['an echoing 500', echo(500)],
    ['HTML', raw(403, `<html>${SECRET}</html>`)],
    ['a redirect', raw(302, SECRET)],
    ['a reset', reset],
    ['silence', hang],
  ])('shows no secret, token, text or webhook in any error after %s', async (_name, answer) => {
    const app = anApp('ding1', SECRET);
    const client = api.aClient();
    api.answerToken = json(200, { accessToken: `${SECRET}-token`, expireIn: 7200 });
    api.fallback = answer;
    const options = { timeoutMs: 60 };
    const params = { content: SECRET };
    const url = `${api.url}/robot/sendBySession?session=${SECRET}`;
    const markdown = { title: SECRET, text: SECRET };
    const failures = [
      await failureOf(
        client.cards.create(
          app,
          {
            outTrackId: 'o',
            templateId: 't',
            params,
            lastMessage: SECRET,
            target: { kind: 'direct', userId: 'u', robotCode: 'r' },
          },
          options,
        ),
      ),
      await failureOf(
        client.cards.stream(
          app,
          {
            outTrackId: 'o',
            guid: 'g',
            key: 'k',
            content: SECRET,
            isFinalize: false,
            isError: false,
          },
          options,
        ),
      ),
      await failureOf(
        client.robots.sendToUser(
          app,
          { robotCode: 'r', userId: 'u', content: { kind: 'markdown', ...markdown } },
          options,
        ),
      ),
      await failureOf(client.webhooks.reply(url, { markdown }, options)),
      await failureOf(
        client.webhooks.reply(url.replace('127.0.0.1', '10.0.0.1'), { markdown }, options),
      ),
      await failureOf(client.webhooks.reply(`no url ${SECRET}`, { markdown }, options)),
    ];
    api.answerToken = answer;
    if (answer !== hang) failures.push(await failureOf(askedForAToken(client)));
    for (const failure of failures) {
      const shown = `${inspect(failure, { depth: 9, showHidden: true })} ${failure.stack} ${JSON.stringify(failure)}`;
      expect(shown).not.toContain(SECRET);
      expect(failure).toHaveProperty('code');
    }
  });

  it('shows no webhook in the errors of a guard that cannot resolve it', async () => {
    const resolve = (
      _h: string,
      _o: unknown,
      done: (e: NodeJS.ErrnoException, a: []) => void,
    ): void => done(Object.assign(new Error(`getaddrinfo ${SECRET}`), { code: 'ENOTFOUND' }), []);
    const client = api.aClient({ guard: new OutboundGuard({ resolve }) });
    const failure = await failureOf(
      client.webhooks.reply(`https://x.example/?s=${SECRET}`, {
        markdown: { title: '', text: '' },
      }),
    );
    expect(failure).toMatchObject({ code: 'dingtalk_unavailable' });
    expect(inspect(failure, { depth: 9 })).not.toContain(SECRET);
  });
});
