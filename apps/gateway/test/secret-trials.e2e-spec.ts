import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { SecretBox } from '@common/kernel';

import { SecretTrials } from '../src/secrets/secret-trials.service';
import { APP_SECRET, RunningGateway } from './gateway.fixture';

/** The secret that the platform knows, and what it says to one it knows. */
const platform = {
  secret: 'next',
  opened: { status: 200, body: {} as object },
  asked: [] as string[],
};
let server: Server;
let gateway: RunningGateway;

beforeAll(async () => {
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += String(chunk)));
    request.on('end', () => {
      const body = JSON.parse(text) as { clientSecret?: string; appSecret?: string };
      const isToken = String(request.url).endsWith('/accessToken');
      platform.asked.push(isToken ? 'token' : 'open');
      const isRight = (body.clientSecret ?? body.appSecret) === platform.secret;
      const taken = isToken
        ? { status: 200, body: { accessToken: 't', expireIn: 7200 } }
        : platform.opened;
      const refused = isToken
        ? { status: 400, body: { code: 'invalidClientIdOrSecret' } }
        : { status: 401, body: { code: 'authFailed' } };
      const { status, body: answer } = isRight ? taken : refused;
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  gateway = await RunningGateway.start(url);
});
afterAll(async () => {
  await gateway.stop();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(async () => {
  await gateway.stores.sql('UPDATE channel SET pending_secret = NULL, pending_since = NULL');
  const endpoint = { endpoint: 'ws://127.0.0.1:9/connect', ticket: 'ticket' };
  Object.assign(platform, { secret: 'next', opened: { status: 200, body: endpoint }, asked: [] });
});

const aPending = (secret: string) =>
  gateway.channel({ pending_secret: gateway.sealed(secret), pending_since: new Date() });
const row = (id: string) => gateway.stores.one('SELECT * FROM channel WHERE id = $1', [id]);
const opened = (sealed: unknown) => gateway.use(SecretBox).openText(sealed as Buffer);
const round = () => gateway.use(SecretTrials).round();

describe('a new client secret', () => {
  it('that the platform takes becomes the present one; the one before is kept for a day', async () => {
    const id = await aPending('next');

    await round();

    const channel = await row(id);
    expect(opened(channel['client_secret'])).toBe('next');
    expect(opened(channel['previous_secret'])).toBe(APP_SECRET);
    expect(channel).toMatchObject({
      pending_secret: null,
      pending_since: null,
      pending_error: null,
    });
    const [audit] = await gateway.stores.sql('SELECT * FROM audit_log WHERE resource_id = $1', [
      id,
    ]);
    expect(audit).toMatchObject({
      action: 'channel.secret-promoted',
      actor: { service: 'gateway' },
    });
    expect(JSON.stringify(audit)).not.toContain('next');
  });

  it('that it refuses stays beside the present one, with the reason, and is tried again later', async () => {
    const id = await aPending('wrong');

    await Promise.all([round(), round(), round()]);

    expect(platform.asked).toEqual(['open']);
    const channel = await row(id);
    expect(opened(channel['client_secret'])).toBe(APP_SECRET);
    expect(channel).toMatchObject({ pending_tries: 1, pending_error: { code: 'auth_failed' } });
    await gateway.stores.sql(
      `UPDATE channel SET pending_tried_at = now() - interval '3 seconds' WHERE id = $1`,
      [id],
    );
    platform.secret = 'wrong';
    await round();
    expect(opened((await row(id))['client_secret'])).toBe('wrong');
  });

  it('P10 that cannot be read keeps no other channel from its own', async () => {
    const stranger = SecretBox.parse(`k9:${randomBytes(32).toString('base64')}`);
    const since = { pending_since: new Date() };
    await gateway.channel({ ...since, pending_secret: stranger.seal('next') });
    const id = await aPending('next');

    await round();

    expect(opened((await row(id))['client_secret'])).toBe('next');
  });

  it('of an app that is not in Stream mode is proven by a token', async () => {
    const notInStreamMode = { status: 400, body: { code: 'x', message: 'not in stream mode' } };
    Object.assign(platform, { opened: notInStreamMode });
    const id = await aPending('next');

    await round();

    expect(platform.asked).toEqual(['open', 'token']);
    expect(opened((await row(id))['client_secret'])).toBe('next');
  });

  it('that was replaced while it was tried is not made the present one', async () => {
    const id = await aPending('next');
    const other = gateway.sealed('another');
    const trials = gateway.use(SecretTrials);
    const promoting = jest
      .spyOn(trials['pending'], 'promote')
      .mockImplementationOnce(async (secret) => {
        await gateway.stores.sql('UPDATE channel SET pending_secret = $2 WHERE id = $1', [
          id,
          other,
        ]);
        return trials['pending'].promote(secret);
      });

    await round();

    promoting.mockRestore();
    const channel = await row(id);
    expect(opened(channel['client_secret'])).toBe(APP_SECRET);
    expect(opened(channel['pending_secret'])).toBe('another');
  });
});
