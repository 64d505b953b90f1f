import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { chooseRedis } from './redis-choice';
import { type MemberPlan, RedisMember } from './redis-member';
import { freePort } from './ports';
import { waitUntil } from './wait-until';

export interface RedisSetOptions {
  readonly dataDir: string;
  readonly cacheDir: string;
}

/** Several Redis servers that take over from each other; on the loopback interface, for tests. */
export interface RedisSet {
  /** What a service needs in its environment to find it. */
  readonly env: Readonly<Record<string, string>>;
  /** Kills a master; the others take over. Resolves with it when it is gone. */
  killMaster(): Promise<RedisMember>;
  wipe(): Promise<void>;
  stop(): Promise<void>;
}

const DURABLE = [
  'appendonly yes',
  'appendfsync everysec',
  'save ""',
  'maxmemory-policy noeviction',
];
const TAKEOVER_MS = 2_000;
const SETTLE_MS = 30_000;

/** A master, two replicas, and three sentinels that watch them. */
export async function startSentinelSet(options: RedisSetOptions): Promise<RedisSet> {
  const { member, password, stopAll } = await workshop(options);
  const common = [`requirepass ${password}`, `masterauth ${password}`, ...DURABLE];
  const master = await member('redis-1', common);
  const following = [...common, `replicaof 127.0.0.1 ${master.port}`];
  const servers = [master, await member('redis-2', following), await member('redis-3', following)];
  const watching = [
    `sentinel monitor carillon 127.0.0.1 ${master.port} 2`,
    `sentinel auth-pass carillon ${password}`,
    `sentinel down-after-milliseconds carillon ${TAKEOVER_MS}`,
    'sentinel failover-timeout carillon 6000',
  ];
  const sentinels: RedisMember[] = [];
  for (const n of [1, 2, 3])
    sentinels.push(await member(`sentinel-${n}`, watching, { isSentinel: true }));
  await settled('sentinels', () => allKnow(sentinels));

  const masterNow = async (): Promise<RedisMember> => {
    const found = await firstWith(servers, isMaster);
    if (!found) throw new Error('there is no master');
    return found;
  };
  return {
    env: {
      REDIS_URL: `redis://:${password}@sentinels`,
      REDIS_SENTINELS: sentinels.map(({ port }) => `127.0.0.1:${port}`).join(),
      REDIS_SENTINEL_NAME: 'carillon',
    },
    killMaster: async () => {
      const victim = await masterNow();
      await victim.down();
      return victim;
    },
    wipe: async () => void (await (await masterNow()).ask((client) => client.flushall())),
    stop: stopAll,
  };
}

/** Three masters with a replica each, all slots spread over them. */
export async function startRedisCluster(options: RedisSetOptions): Promise<RedisSet> {
  const { member, password, stopAll } = await workshop(options);
  const servers: RedisMember[] = [];
  for (const n of [1, 2, 3, 4, 5, 6]) {
    const settings = [
      `requirepass ${password}`,
      `masterauth ${password}`,
      ...DURABLE,
      'cluster-enabled yes',
      'cluster-config-file nodes.conf',
      `cluster-node-timeout ${TAKEOVER_MS}`,
      'cluster-announce-ip 127.0.0.1',
      'cluster-require-full-coverage no',
    ];
    servers.push(await member(`node-${n}`, settings, { bus: await freePort() }));
  }
  await joinUp(servers);
  return {
    env: {
      REDIS_URL: `redis://:${password}@cluster`,
      REDIS_CLUSTER_NODES: servers.map(({ port }) => `127.0.0.1:${port}`).join(),
    },
    killMaster: async () => {
      const victim = await firstWith(shuffled(servers), isMaster);
      if (!victim) throw new Error('there is no master');
      await victim.down();
      return victim;
    },
    wipe: async () => {
      for (const server of servers)
        if (await isMaster(server)) await server.ask((client) => client.flushall());
    },
    stop: stopAll,
  };
}

async function workshop({ dataDir, cacheDir }: RedisSetOptions) {
  const choice = await chooseRedis(['path', 'apt'], process.env['PATH'] ?? '', cacheDir);
  const password = randomBytes(16).toString('hex');
  const members: RedisMember[] = [];
  const member = async (
    name: string,
    settings: readonly string[],
    kind: Pick<MemberPlan, 'isSentinel' | 'bus'> = {},
  ): Promise<RedisMember> => {
    const home = join(dataDir, name);
    const made = await RedisMember.start({ home, choice, password, settings, ...kind });
    members.push(made);
    return made;
  };
  const stopAll = async (): Promise<void> =>
    void (await Promise.all(members.map((one) => one.stop())));
  return { member, password, stopAll };
}

/** What `redis-cli --cluster create` does. */
async function joinUp(servers: readonly RedisMember[]): Promise<void> {
  const [first] = servers;
  if (!first) return;
  for (const [n, server] of servers.entries()) {
    await server.ask((client) => client.call('CLUSTER', 'SET-CONFIG-EPOCH', String(n + 1)));
    const [host, port, bus] = ['127.0.0.1', String(server.port), String(server.bus)];
    if (server !== first)
      await first.ask((client) => client.call('CLUSTER', 'MEET', host, port, bus));
  }
  const bounds = [0, 5_461, 10_923, 16_384];
  for (const [n, master] of servers.slice(0, 3).entries()) {
    const range = [String(bounds[n]), String((bounds[n + 1] ?? 0) - 1)];
    await master.ask((client) => client.call('CLUSTER', 'ADDSLOTSRANGE', ...range));
  }
  await settled('nodes', () => knowEachOther(servers));
  for (const [n, replica] of servers.slice(3).entries()) {
    const id = await servers[n]?.ask((client) => client.call('CLUSTER', 'MYID'));
    await replica.ask((client) => client.call('CLUSTER', 'REPLICATE', String(id)));
  }
  await settled('cluster', () => everyOne(servers, isReady));
}

const isMaster = async (server: RedisMember): Promise<boolean> =>
  /^role:master/m.test((await server.tries((client) => client.info('replication'))) ?? '');

const isReady = async (server: RedisMember): Promise<boolean> => {
  const [info, replication] = await Promise.all([
    server.tries((client) => client.call('CLUSTER', 'INFO')),
    server.tries((client) => client.info('replication')),
  ]);
  const isLinked = /role:master[\s\S]*connected_slaves:1|master_link_status:up/.test(
    replication ?? '',
  );
  return /cluster_state:ok/.test(String(info)) && isLinked;
};

const knowEachOther = (servers: readonly RedisMember[]): Promise<boolean> =>
  everyOne(servers, async (server) => {
    const nodes = String(await server.tries((client) => client.call('CLUSTER', 'NODES')));
    return nodes.trim().split('\n').length === servers.length && !nodes.includes('handshake');
  });

/** Each sentinel knows the two others and both replicas. */
const allKnow = (sentinels: readonly RedisMember[]): Promise<boolean> =>
  everyOne(sentinels, async (sentinel) =>
    /slaves=2,sentinels=3/.test((await sentinel.tries((client) => client.info('sentinel'))) ?? ''),
  );

async function everyOne(
  members: readonly RedisMember[],
  holds: (member: RedisMember) => Promise<boolean>,
): Promise<boolean> {
  for (const member of members) if (!(await holds(member))) return false;
  return true;
}

async function firstWith(
  members: readonly RedisMember[],
  holds: (member: RedisMember) => Promise<boolean>,
): Promise<RedisMember | undefined> {
  for (const member of members) if (await holds(member)) return member;
  return undefined;
}

async function settled(what: string, holds: () => Promise<boolean>): Promise<void> {
  if (!(await waitUntil(async () => (await holds()) || undefined, SETTLE_MS)))
    throw new Error(`the ${what} did not find each other`);
}

const shuffled = <T>(list: readonly T[]): T[] => [...list].sort(() => Math.random() - 0.5);
