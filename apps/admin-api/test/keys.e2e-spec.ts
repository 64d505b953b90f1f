import { randomBytes } from 'node:crypto';

import { SecretBox } from '@common/kernel';
import { Database, noteMasterKey } from '@common/persistence';
import { connectRedis, RedisKeys } from '@common/redis';

import { KeysService } from '../src/keys/keys.service';
import { RunningAdminApi } from './admin-api.fixture';

const key = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
const [one, two] = [key('k1'), key('k2')];
const old = SecretBox.parse(one);

let api: RunningAdminApi;
beforeAll(async () => {
  api = await RunningAdminApi.start({ MASTER_KEYS: `${two},${one}` });
  await noteMasterKey(api.use(Database), old, 'k1');
});
afterAll(() => api.stop());

const view = async () => (await api.get('/system/keys')).body;
const sealAnew = () => api.use(KeysService).run(new AbortController().signal);
const aProcess = (seals: string, known: string[] | null) =>
  api.sql(
    `INSERT INTO incarnation (id, service, host, pid, sealing_key, known_keys) VALUES (gen_random_uuid(), 'sender', 'h', 7, $1, $2)`,
    [seals, known],
  );

it('a master key says which processes it waits for, and goes when neither tables nor Redis hold values of it', async () => {
  const { id } = await api.channel();
  expect(await view()).toMatchObject({ primary: 'k2', seals: 'k1' });
  await aProcess('k1', null);
  await aProcess('k1', ['k2#x', 'k1#y']);
  await sealAnew();
  const { resealing } = await view();
  expect(resealing).toMatchObject({ state: 'waiting', waitingFor: 2, tables: [] });
  expect(resealing.processes).toMatchObject([
    { service: 'sender', pid: 7, seals: 'k1', lacks: ['k2'] },
    { lacks: [] },
  ]);

  await api.sql('DELETE FROM incarnation');
  api.use(SecretBox).sealWith('k2');
  const redis = connectRedis({
    ...{ url: String(process.env.REDIS_URL), name: 'spec', mood: 'patient' as const },
    onError: () => undefined,
  });
  const { spill } = new RedisKeys(api.redisPrefix);
  await redis.xadd(spill, '*', 'sealed', old.seal('an event'));
  await sealAnew();
  const sealed = await api.sql('SELECT sealed_key(client_secret) AS by FROM channel');
  expect(sealed).toEqual([{ by: 'k2' }]);
  const k1 = async () => (await view()).keys.find((one: { id: string }) => one.id === 'k1');
  expect(await k1()).toMatchObject({ values: 1, retiredAt: null });

  await redis.del(spill);
  redis.disconnect();
  await sealAnew();
  expect(await k1()).toMatchObject({ values: 0, retiredAt: expect.any(String) });
  expect((await view()).resealing.state).toBe('done');
  // Somebody seals with it again: it may not go.
  await aProcess('k1', ['k1#y']);
  expect(await k1()).toMatchObject({ retiredAt: null });
  expect((await view()).resealing.state).toBe('waiting');
  expect((await api.get(`/channels/${id}`)).status).toBe(200);
});

it('a value that another process can open and this one cannot yet is no failure for good', async () => {
  const { id } = await api.channel({ callback: { token: 't', aesKey: 'a'.repeat(43) } });
  await api.sql('UPDATE channel SET client_secret = $2, callback = $2 WHERE id = $1', [
    ...[id, SecretBox.parse(key('k3')).seal('{}')],
  ]);
  api.use(SecretBox).othersHave(['k3']);
  const answer = await api.patch(`/channels/${id}`, { callback: { token: 'u' } });
  expect([answer.status, answer.body.code]).toEqual([503, 'unknown_master_key']);
  expect(answer.headers.get('retry-after')).toBe('1');
});
