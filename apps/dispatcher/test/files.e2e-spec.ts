import type { ServerResponse } from 'node:http';

import Redis from 'ioredis';

import type { InboundMessage, MessagePart } from '@common/domain';
import { Clock } from '@common/kernel';
import { migrate } from '@common/persistence';
import { RedisKeys } from '@common/redis';
import { OwnStores, Rows } from '@common/testing';

import { FilePipeline } from '../src/files/file.pipeline';
import { SweeperRepository } from '../src/sweeper/sweeper.repository';
import { SpecDispatcher, specSecrets } from './dispatcher.fixture';
import { FilePlatform, PIXEL } from './file-platform.fixture';
import { Talker } from './talker.fixture';

let stores: OwnStores;
let rows: Rows;
let redis: Redis;
let platform: FilePlatform;
let dispatcher: SpecDispatcher;
beforeAll(async () => {
  stores = await OwnStores.open(process.env);
  await migrate(stores.databaseUrl);
  rows = new Rows(stores);
  redis = new Redis(stores.redisUrl);
});
afterAll(async () => {
  redis.disconnect();
  await stores.close();
});
beforeEach(async () => {
  platform = await FilePlatform.start();
  dispatcher = await SpecDispatcher.on(stores, { platformUrl: platform.url, redis });
});
afterEach(async () => {
  await dispatcher.close();
  await platform.stop();
});

const picture = (downloadCode: string): MessagePart => ({ kind: 'picture', downloadCode });
const sends = (...parts: MessagePart[]): Partial<InboundMessage> => ({
  parts,
  robotCode: 'robot-1',
});
async function somebody(columns: Record<string, object | string> = {}): Promise<Talker> {
  const channelId = await rows.aChannel({ clientSecret: specSecrets.seal('the secret') });
  for (const [column, value] of Object.entries(columns))
    await stores.sql(`UPDATE channel SET ${column} = $2 WHERE id = $1`, [
      ...[channelId, typeof value === 'string' ? value : JSON.stringify(value)],
    ]);
  return new Talker({ stores, rows, dispatcher }, channelId);
}
const fetchAll = () =>
  Promise.all(dispatcher.files.jobs.map((job) => dispatcher.part(FilePipeline).run(job)));
const filesOf = (turnId: string | null) =>
  stores.sql('SELECT * FROM file WHERE turn_id = $1 ORDER BY n', [turnId]);

it('fetches a picture beside its turn: into the store, and into a row that says what it is', async () => {
  const person = await somebody();
  const { turnId } = await person.say('what is this?', sends(picture('p1')));

  expect(dispatcher.generation.jobs).toHaveLength(1);
  expect(await filesOf(turnId)).toMatchObject([{ state: 'wanted', kind: 'picture', n: 1 }]);
  await fetchAll();

  expect(platform.linked).toEqual([{ downloadCode: 'p1', robotCode: 'robot-1' }]);
  const [file] = await filesOf(turnId);
  expect(file).toMatchObject({
    ...{ state: 'stored', media_type: 'image/png', detail: { width: 1, height: 1 } },
    ...{ bytes: String(PIXEL.length), sha256: 'hash', download_code: null, owner: null },
    ...{ channel_id: person.channelId, member_id: await person.memberId() },
  });
  const key = String(file?.['object_key']);
  expect(key.startsWith(`${rows.tenantId}/${person.channelId}/`)).toBe(true);
  expect(dispatcher.store.objects.get(key)).toEqual(PIXEL);
  const { parts } = await stores.one('SELECT parts FROM message WHERE turn_id = $1', [turnId]);
  expect(parts).toEqual([
    { type: 'text' },
    { type: 'picture', fileId: file?.['id'], n: 1, name: null },
  ]);
});

it('twice: a second job fetches nothing, nor does one beside it', async () => {
  await (await somebody()).say('', sends(picture('p1')));
  await Promise.all([fetchAll(), fetchAll()]);
  await fetchAll();
  expect(platform.fetched).toEqual(['p1']);
});

it('P4 another process fetches what a dead one began, and leaves a living one alone', async () => {
  const { turnId } = await (await somebody()).say('', sends(picture('p1')));
  const owner = await rows.aProcess(0);
  await stores.sql('UPDATE file SET owner = $2, attempt = 1 WHERE turn_id = $1', [turnId, owner]);
  await fetchAll();
  expect(platform.fetched).toEqual([]);

  await stores.sql(`UPDATE incarnation SET seen_at = now() - interval '10 seconds' WHERE id = $1`, [
    owner,
  ]);
  await stores.sql(`UPDATE file SET woken_at = now() - interval '5 seconds'`);
  const woken = await dispatcher.part(SweeperRepository).files(true);
  expect(woken).toHaveLength(1);
  await fetchAll();
  expect(await filesOf(turnId)).toMatchObject([{ state: 'stored', attempt: 2 }]);
});

it('P10 gives up a file that processes died of, and begins nothing', async () => {
  const { turnId } = await (await somebody()).say('', sends(picture('p1')));
  await stores.sql('UPDATE file SET owner = $2, attempt = 4 WHERE turn_id = $1', [
    turnId,
    await rows.aProcess(10),
  ]);
  await fetchAll();
  expect(await filesOf(turnId)).toMatchObject([
    { state: 'failed', error_code: 'file_unreachable' },
  ]);
  expect(platform.linked).toEqual([]);
});

it('keeps no object of a try that did not live to say so', async () => {
  const person = await somebody();
  const { turnId } = await person.say('', sends(picture('p1')));
  const [file] = await filesOf(turnId);
  const key = (n: number) => `${rows.tenantId}/${person.channelId}/${String(file?.['id'])}-${n}`;
  dispatcher.store.objects.set(key(1), PIXEL);
  await stores.sql('UPDATE file SET owner = $2, attempt = 1 WHERE turn_id = $1', [
    turnId,
    await rows.aProcess(10),
  ]);
  await fetchAll();
  expect([...dispatcher.store.objects.keys()]).toEqual([key(2)]);
});

it('asks the platform for nothing that somebody without access sent', async () => {
  const person = await somebody({ access: { allow: { people: ['nobody'] } } });
  const { cause } = await person.say('', sends(picture('p1')));

  expect(cause).toBe('accessDenied');
  expect(dispatcher.files.jobs).toEqual([]);
  expect(await stores.sql('SELECT 1 FROM file WHERE channel_id = $1', [person.channelId])).toEqual(
    [],
  );
  expect(platform.linked).toEqual([]);
});

it.each<[string, string, (response: ServerResponse) => void]>([
  ['is gone', 'file_gone', (response) => response.writeHead(404).end()],
  [
    'says that it is too large',
    'file_too_large',
    (response) => response.writeHead(200, { 'content-length': 5_000 }).write('x'),
  ],
  [
    'is too large without saying so',
    'file_too_large',
    (response) => {
      response.write('x'.repeat(600));
      response.end('x'.repeat(600));
    },
  ],
  [
    'leads elsewhere',
    'file_not_allowed',
    (response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
  ],
])('C56 settles a file that %s as %s', async (_what, code, act) => {
  platform.acts = { p1: act };
  const { turnId } = await (await somebody()).say('', sends(picture('p1')));
  await fetchAll();
  expect(await filesOf(turnId)).toMatchObject([
    { state: 'failed', error_code: code, object_key: null, download_code: null },
  ]);
  expect(dispatcher.store.objects.size).toBe(0);
});

it.each([
  ['file_expired', 400, { code: 'invalidParameter.robotCode.downloadCode', message: 'no' }],
  [
    'file_not_permitted',
    403,
    {
      code: 'Forbidden.AccessDenied.AccessTokenPermissionDenied',
      accessdenieddetail: { requiredScopes: ['qyapi_robot_sendmsg'] },
    },
  ],
])('C56 settles a file whose link is refused as %s', async (code, status, body) => {
  platform.refusal = { status, body };
  const { turnId } = await (await somebody()).say('', sends(picture('p1')));
  await fetchAll();
  expect(await filesOf(turnId)).toMatchObject([{ state: 'failed', error_code: code }]);
});

it('tries again what may pass, and gives up in the end', async () => {
  platform.acts = { p1: (response) => response.writeHead(500).end() };
  const { turnId } = await (await somebody()).say('', sends(picture('p1')));
  for (let n = 0; n < 3; n += 1)
    await expect(fetchAll()).rejects.toMatchObject({ code: 'file_later' });
  expect(await filesOf(turnId)).toMatchObject([{ state: 'wanted', owner: null, attempt: 3 }]);
  await fetchAll();
  expect(await filesOf(turnId)).toMatchObject([
    { state: 'failed', error_code: 'file_unreachable' },
  ]);
});

it('lets one channel keep half of the workers, and no more', async () => {
  platform.acts = Object.fromEntries(['a', 'b', 'c'].map((code) => [code, () => undefined]));
  const person = await somebody();
  const other = await somebody();
  await person.say('', sends(picture('a'), picture('b'), picture('c')));
  await other.say('', sends(picture('free')));
  const pipeline = dispatcher.part(FilePipeline);
  const run = (n: number): Promise<string> => {
    const job = dispatcher.files.jobs[n];
    if (!job) throw new Error(`no job ${n}`);
    return pipeline.run(job).then(
      () => 'done',
      (error: { code: string }) => error.code,
    );
  };
  const hanging = [run(0), run(1), run(2)];
  expect(await Promise.race(hanging)).toBe('channel_busy');
  expect(await run(3)).toBe('done');
  expect(platform.fetched).toContain('free');
  await platform.stop();
  await Promise.all(hanging);
});

it('P7 asks for no more links in a second than half of what the app may', async () => {
  const person = await somebody({ calls_per_second: '2' });
  await person.say('', sends(picture('a'), picture('b'), picture('c')));
  const pipeline = dispatcher.part(FilePipeline);
  const outcomes: unknown[] = [];
  for (const job of dispatcher.files.jobs)
    outcomes.push(await pipeline.run(job).catch((error: { code: string }) => error.code));
  // The clock of the spec may turn a second in between: then one more gets through.
  expect(outcomes.filter((one) => one === 'file_later').length).toBeGreaterThanOrEqual(1);
  expect(platform.linked.length).toBeLessThanOrEqual(2);
});

it('P7 does not count waiting for room as a try, however long', async () => {
  const person = await somebody();
  const { turnId } = await person.say('', sends(picture('p1')));
  const { client_id: clientId } = await stores.one('SELECT client_id FROM channel WHERE id = $1', [
    person.channelId,
  ]);
  const second = Math.floor(dispatcher.part(Clock).now() / 1_000);
  const window = dispatcher.part(RedisKeys).fileLinks(String(clientId), second);
  await redis.set(window, 1_000);
  for (let n = 0; n < 6; n += 1)
    await expect(fetchAll()).rejects.toMatchObject({ code: 'file_later' });
  await redis.del(window);
  await fetchAll();
  expect(await filesOf(turnId)).toMatchObject([{ state: 'stored', attempt: 1 }]);
});

it('counts its calls in the month of the organisation', async () => {
  const person = await somebody();
  const message = { ...sends(picture('p1')), corpId: `corp-${person.channelId}` };
  await person.say('', message);
  await fetchAll();
  const usage = await stores.one(
    `SELECT u.api_calls FROM organization_usage u JOIN channel c ON c.organization_id = u.organization_id WHERE c.id = $1`,
    [person.channelId],
  );
  expect(usage).toEqual({ api_calls: '1' });
});

it('fetches no sounds and videos for a model: it could make nothing of them', async () => {
  const audio: MessagePart = {
    ...{ kind: 'audio', durationMs: 4_000, recognition: 'play it', downloadCode: 'a1' },
  };
  const { turnId } = await (await somebody()).say('play it', sends(audio));
  expect(await filesOf(turnId)).toMatchObject([{ state: 'unwanted', kind: 'audio' }]);
  expect(dispatcher.files.jobs).toEqual([]);
});

it('numbers on where messages are collected in one turn', async () => {
  const person = await somebody({ busy: 'collect' });
  await person.say('running');
  const { turnId } = await person.say('', sends(picture('a')));
  await person.say('', sends(picture('b')));
  const message = await stores.one('SELECT text, parts FROM message WHERE turn_id = $1', [turnId]);
  expect(message).toMatchObject({
    text: '[picture 1]\n\n[picture 2]',
    parts: [{ n: 1 }, { n: 2 }],
  });
  expect(dispatcher.files.jobs).toHaveLength(2);
});
