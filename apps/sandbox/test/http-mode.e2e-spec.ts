import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openText, robotSign, sealText } from '../src/callbacks/event-crypto';
import { aCard, BOT, eventually, SandboxHarness, SECRET } from './sandbox-harness';

const PAIR = { token: 'sandboxToken', aesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG' };

interface Heard {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
}

/** An app's own server: hears, and answers as it is told. */
let server: Server;
let url: string;
let heard: Heard[];
let answer: () => { status: number; body: unknown };
let box: SandboxHarness;

const success = () => {
  const [timestamp, nonce] = ['1700000000123', 'replynonce000001'];
  const { encrypt, signature } = sealText(PAIR, {
    message: 'success',
    owner: BOT,
    timestamp,
    nonce,
  });
  return { status: 200, body: { msg_signature: signature, timeStamp: timestamp, nonce, encrypt } };
};
const register = (more: object = {}) =>
  box.call('PUT', `/sandbox/apps/${BOT}/callbacks`, {
    eventsUrl: `${url}/events`,
    ...PAIR,
    ...more,
  });
const eventOf = ({ body }: Heard): Record<string, unknown> =>
  JSON.parse(openText(PAIR, String(body['encrypt'])).message) as Record<string, unknown>;

beforeAll(async () => {
  server = createServer((req, res) => {
    let text = '';
    req.on('data', (chunk) => (text += String(chunk)));
    req.on('end', () => {
      const [path = '', query = ''] = (req.url ?? '').split('?');
      const body = JSON.parse(text) as Record<string, unknown>;
      heard.push({ path, query: new URLSearchParams(query), headers: req.headers, body });
      const { status, body: reply } = answer();
      res.writeHead(status, { 'content-type': 'application/json' });
      res.end(typeof reply === 'string' ? reply : JSON.stringify(reply));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(async () => {
  heard = [];
  answer = success;
  box = await SandboxHarness.start();
});
afterEach(() => box.stop());

it.each([
  ['a plain success', () => ({ status: 200, body: 'success' })],
  ['a redirect', () => ({ status: 302, body: '' })],
  ['an error', () => ({ status: 500, body: success().body })],
])('E96 refuses an address that answers check_url with %s', async (_name, wrong) => {
  answer = wrong;
  expect((await register()).body).toMatchObject({ code: '71009' });
});

it('E96 takes an address that answers check_url rightly', async () => {
  expect((await register()).body).toEqual({ checked: true });
  expect(heard.map(eventOf)).toEqual([{ EventType: 'check_url' }]);
  expect(heard[0]?.query.get('msg_signature')).toBe(heard[0]?.query.get('signature'));
});

it('E97 brings an unanswered event again twice, then keeps it in the failed list, to be read once', async () => {
  await box.control('PATCH', '/settings', { callbackRetryMs: [20, 40] });
  await register();
  answer = () => ({ status: 200, body: {} });
  const { eventId } = await box.control('POST', '/events', {
    clientId: BOT,
    eventType: 'chat_disband',
    data: { openConversationId: 'cid1' },
  });
  await eventually(() => heard.length === 4);
  expect(new Set(heard.slice(1).map((one) => eventOf(one)['eventId']))).toEqual(new Set([eventId]));
  expect(eventOf(heard[1] as Heard)).toMatchObject({
    EventType: 'chat_disband',
    CorpId: 'dingsandboxcorp',
    openConversationId: 'cid1',
  });

  const token = await box.token();
  const read = () =>
    box.call('GET', `/call_back/get_call_back_failed_result?access_token=${token}`);
  const list = await eventually(async () => {
    const { body } = await read();
    return body.failed_list.length > 0 && body.failed_list;
  });
  expect(list).toMatchObject([{ call_back_tag: 'chat_disband', chat_disband: { eventId } }]);
  expect((await read()).body.failed_list).toEqual([]);
});

it('signs robot messages with the app’s secret, and sends them the way it is told', async () => {
  await register({ messagesUrl: `${url}/messages` });
  const peer = await box.connect();
  const post = (via?: string) =>
    box.control('POST', '/messages', { from: '0101', clientId: BOT, text: 'hi', via });
  const { msgId } = await post();
  const first = await eventually(() => heard.find(({ path }) => path === '/messages'));
  expect(first.body).toMatchObject({ msgId, text: { content: 'hi' } });
  const { timestamp, sign } = first.headers;
  expect(sign).toBe(robotSign(String(timestamp), SECRET));
  expect(peer.frames).toHaveLength(0);

  await post('both');
  await eventually(() => heard.filter(({ path }) => path === '/messages').length === 2);
  await eventually(() => peer.frames.length === 1);
  const pushes = await box.control('GET', `/http-pushes?clientId=${BOT}`);
  expect(pushes).toMatchObject([{ kind: 'event' }, { kind: 'message', ok: true }, {}]);
});

it('E130 pushes a click to the card address, and applies the unwrapped answer', async () => {
  await register({ cardsUrl: `${url}/cards`, apiSecret: 'cardApiSecret01' });
  await box.api(
    'POST',
    '/v1.0/card/instances/createAndDeliver',
    aCard('c1', { callbackType: 'HTTP' }),
  );
  const update = {
    cardData: { cardParamMap: { status: 'done' } },
    cardUpdateOptions: { updateCardDataByKey: true },
  };
  answer = () => ({ status: 200, body: update });
  const click = { outTrackId: 'c1', userId: '0101', actionId: 'stop' };

  expect(await box.control('POST', '/card-actions', click)).toMatchObject({ acked: true });

  expect(heard.at(-1)?.headers['x-ddpaas-signature-timestamp']).toMatch(/^\d{13}$/);
  const cards = await box.control('GET', '/cards');
  expect(cards[0].params).toMatchObject({ status: 'done' });
});

describe('a new secret', () => {
  const rotate = (more: object) =>
    box.control('POST', `/apps/${BOT}/rotate-secret`, { clientSecret: 'next', ...more });
  const opens = async (clientSecret: string) => (await box.openTicket({ clientSecret })).status;
  const fetches = async (secret: string) => (await box.token(BOT, secret)) !== undefined;

  it('leaves the old one good for a while', async () => {
    await rotate({ oldValidMs: 60_000 });
    expect([await opens('next'), await opens(SECRET)]).toEqual([200, 200]);
    expect([await fetches('next'), await fetches(SECRET)]).toEqual([true, true]);
  });

  it('or ends it at once, with tokens and connections if told so', async () => {
    const peer = await box.connect();
    const token = await box.token();
    await rotate({ revokeToken: true, dropConnections: true });
    expect([await opens('next'), await opens(SECRET)]).toEqual([200, 401]);
    expect([await fetches('next'), await fetches(SECRET)]).toEqual([true, false]);
    expect(await box.token(BOT, 'next')).not.toBe(token);
    await eventually(() => peer.closeCode === 1001);
  });
});
