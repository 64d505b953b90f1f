import { judgeKeys, judgeQueues, judgeSystem } from './judge-system';

type SystemInfo = Parameters<typeof judgeSystem>[0];
const NOW = '2026-01-01T00:00:00.000Z';
const services = ['admin-api', 'dispatcher', 'gateway', 'generator', 'sender'];

const anInstallation = (of: Partial<SystemInfo> = {}): SystemInfo => ({
  version: '1',
  node: 'v20',
  now: NOW,
  schema: { version: 3, needed: 3, compatibleFrom: 1 },
  postgres: { ok: true, version: '18', now: NOW, latencyMs: 1 },
  redis: { ok: true, version: '7', latencyMs: 1, appendOnly: true, maxmemoryPolicy: 'noeviction' },
  processes: services.map((service) => ({
    ...{ id: service, service, host: null, pid: null, startedAt: NOW, seenAt: NOW, live: true },
  })),
  ...of,
});
const faults = (info: SystemInfo, localMs = Date.parse(NOW)) =>
  judgeSystem(info, localMs)
    .filter(({ ok }) => !ok)
    .map(({ code }) => code);

describe('the doctor', () => {
  it('finds nothing where nothing is wrong', () => {
    expect(faults(anInstallation())).toEqual([]);
  });

  const redis = anInstallation().redis;
  it.each<[string, Partial<SystemInfo>]>([
    ['schema_differs', { schema: { version: 2, needed: 3, compatibleFrom: 1 } }],
    ['redis_away', { redis: { ...redis, ok: false } }],
    ['redis_evicts', { redis: { ...redis, maxmemoryPolicy: 'allkeys-lru' } }],
    ['redis_not_durable', { redis: { ...redis, appendOnly: false } }],
    ['clocks_differ', { now: '2026-01-01T00:00:03.000Z' }],
    ['no_process', { processes: anInstallation().processes.slice(1) }],
  ])('finds %s', (code, of) => {
    expect(faults(anInstallation(of))).toEqual([code]);
  });

  it('finds a clock of this machine that is wrong', () => {
    expect(faults(anInstallation(), Date.parse(NOW) - 5_000)).toEqual(['clocks_differ']);
  });

  it('finds queues that stand still or have failures, and says what to do', () => {
    const counts = { waiting: 0, active: 0, delayed: 0, failed: 0, paused: 0, prioritized: 0 };
    const queue = (name: string, paused: boolean, failed: number) => ({
      ...{ name, paused, counts: { ...counts, completed: 0, failed } },
    });
    const checks = judgeQueues([queue('a', false, 0), queue('b', true, 0), queue('c', false, 2)]);
    expect(checks.map(({ code }) => code)).toEqual(['ok', 'paused', 'failed_jobs']);
    expect(checks[1]?.userAction).toBe('carillon queues resume b');
  });

  it('finds master keys that are missing while something is sealed with them', () => {
    const key = (id: string, held: boolean, values: number) => ({
      ...{ id, held, values, firstUsedAt: NOW, retiredAt: null },
    });
    const resealing = { processes: [] };
    const state = (...keys: ReturnType<typeof key>[]) =>
      judgeKeys({ primary: 'k2', seals: 'k2', keys, resealing } as never).code;
    expect(state(key('k2', true, 5), key('k1', false, 0))).toBe('ok');
    expect(state(key('k2', true, 5), key('k1', false, 1))).toBe('unknown_master_key');
  });

  it('finds processes that lack a master key which others have', () => {
    const a = { id: 'a', service: 'sender', host: 'h', pid: 7, seals: 'k1' };
    const check = (lacks: string[]) =>
      judgeKeys({
        ...{ primary: 'k2', seals: 'k1', keys: [] },
        resealing: { state: 'waiting', waitingFor: 1, tables: [], processes: [{ ...a, lacks }] },
      });
    expect(check(['k2'])).toMatchObject({
      code: 'master_key_not_everywhere',
      message: 'sender (process 7) lacks k2.',
    });
    expect(check([])).toMatchObject({ code: 'ok', message: expect.stringContaining('k1 seals') });
  });
});
