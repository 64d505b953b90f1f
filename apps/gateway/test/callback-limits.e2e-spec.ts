import { connect, type Socket } from 'node:net';

import { newId } from '@common/kernel';
import { aFrame, eventually, timed } from '@common/testing';

import { CallbackChannelsRepository } from '../src/callbacks/callback-channels.repository';
import { CallbackDirectory } from '../src/callbacks/callback-directory.service';
import { cardHeaders, robotHeaders, RunningGateway, sealedEvent } from './gateway.fixture';

const NOBODY = '0190a000-0000-7000-8000-00000000dead';
let gateway: RunningGateway;
let channel: string;

beforeAll(async () => {
  gateway = await RunningGateway.start();
});
afterAll(() => gateway.stop());
beforeEach(async () => {
  channel = await gateway.channel();
});

const anEvent = () => ({ EventType: 'chat_disband', eventId: newId() });
const postMessage = (data: object = {}, headers = robotHeaders()) =>
  gateway.post(`${channel}/messages`, aFrame(data).data, headers);

/** A request whose body does not end. */
function halfABody(path: string, headers: Record<string, string>): Socket {
  const head = Object.entries({ ...headers, 'content-length': '5000', host: 'x' })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  const socket = connect(Number(new URL(gateway.baseUrl).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(`POST /callbacks/dingtalk/${path} HTTP/1.1\r\n${head}\r\n{"half`);
  return socket;
}

describe('whoever is not meant', () => {
  it('is told 404 and nothing more', async () => {
    const disabled = await gateway.channel({ enabled: false });
    const streamOnly = await gateway.channel({ callback: null });
    const { query, body } = sealedEvent(anEvent(), { owner: channel });
    for (const path of [
      `${NOBODY}?${query}`,
      `${disabled}?${query}`,
      `${streamOnly}?${query}`,
      `${streamOnly}/cards`,
      `${disabled}/messages`,
      'no-uuid/messages',
      `${channel}/others`,
      `${channel}/messages/more`,
      `${channel}/constructor`,
      '',
    ])
      expect([
        path,
        await gateway.post(path, body, { ...robotHeaders(), ...cardHeaders() }),
      ]).toEqual([path, { status: 404, text: '' }]);
    const read = await fetch(`${gateway.baseUrl}/callbacks/dingtalk/${channel}`);
    expect(read.status).toBe(404);
  });

  it('P10 costs no query each', async () => {
    const looking = jest.spyOn(gateway.use(CallbackChannelsRepository), 'one');
    const ids = Array.from({ length: 400 }, () => newId());
    const startedAt = Date.now();
    await Promise.all(ids.map((id) => gateway.post(`${id}/messages`, '{}', robotHeaders())));
    const seconds = Math.ceil((Date.now() - startedAt) / 1_000) + 1;
    expect(looking.mock.calls.length).toBeLessThanOrEqual(50 * seconds);
    looking.mockRestore();
  });

  it('a channel that is switched off takes nothing more as soon as it is heard', async () => {
    expect((await postMessage()).status).toBe(200);
    await gateway.stores.sql('UPDATE channel SET enabled = false WHERE id = $1', [channel]);
    await gateway.use(CallbackDirectory).heard(channel);
    expect((await postMessage({ msgId: 'msg-2' })).status).toBe(404);
  });
});

describe('bodies that are too much', () => {
  const large = Buffer.alloc(1_048_577, 'x');

  it('are answered with 413, announced or not', async () => {
    expect((await gateway.post(`${channel}/messages`, large, robotHeaders())).status).toBe(413);
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
    });
    const response = await fetch(`${gateway.baseUrl}/callbacks/dingtalk/${channel}/messages`, {
      method: 'POST',
      headers: robotHeaders(),
      body: stream,
      duplex: 'half',
    } as RequestInit);
    expect(response.status).toBe(413);
  });

  it('are not read at all from those who know no secret', async () => {
    expect((await gateway.post(`${channel}/messages`, large, robotHeaders('other'))).status).toBe(
      401,
    );
  });

  it('take a megabyte', async () => {
    const text = { content: 'x'.repeat(1_047_000) };
    // As the platform does: what a busy journal did not take in time comes again.
    await eventually(async () => (await postMessage({ text })).status === 200);
  });

  it('P10 that never end fill the places of their own channel only', async () => {
    const { query } = sealedEvent(anEvent(), { owner: channel });
    const sockets = Array.from({ length: 80 }, () => halfABody(`${channel}?${query}`, {}));
    const other = await gateway.channel();

    await eventually(async () => {
      const { status } = await postMessage({ msgId: newId() });
      return status === 503 ? true : undefined;
    });
    const post = gateway.post(`${other}/messages`, aFrame({}).data, robotHeaders());
    expect((await post).status).toBe(200);
    for (const socket of sockets) socket.destroy();
  });

  it('P10 that are cut off or never end leave the door open for others', async () => {
    const sockets = Array.from({ length: 20 }, () =>
      halfABody(`${channel}/messages`, robotHeaders()),
    );
    expect((await postMessage()).status).toBe(200);
    for (const socket of sockets) socket.destroy();
    expect((await postMessage({ msgId: 'msg-2' })).status).toBe(200);
  });
});

describe('P1 what is not durable', () => {
  const PATIENCE_MS = 800;

  it('is not answered with success while Postgres hangs, and is answered in time', async () => {
    const hurried = await RunningGateway.start(undefined, PATIENCE_MS);
    const id = await hurried.channel();
    const post = (msgId: string) =>
      hurried.post(`${id}/messages`, aFrame({ msgId }).data, robotHeaders());
    const { query, body } = sealedEvent(anEvent(), { owner: id });
    const postEvent = () => hurried.post(`${id}?${query}`, body);
    const isTaken = async (answer: Promise<{ status: number }>) => (await answer).status === 200;

    await eventually(() => isTaken(post('before')));
    hurried.postgres.freeze();
    const { value: answers, tookMs } = await timed(() =>
      Promise.all([post('during'), postEvent()]),
    );
    hurried.postgres.thaw();

    expect(answers.map(({ status }) => status)).toEqual([503, 503]);
    expect(tookMs).toBeLessThan(2_000);
    // As the platform does: it comes again.
    await eventually(() => isTaken(post('during')));
    await eventually(() => isTaken(postEvent()));
    await hurried.stop();
  });
});
