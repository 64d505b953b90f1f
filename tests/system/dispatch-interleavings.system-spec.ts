import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Redis from 'ioredis';
import { Bot } from './support/bot';
import { eventually } from './support/eventually';
import { Installation } from './support/installation';
import { projectRoot, type RunningRedis, startRedis } from './support/stack';

const isLong = process.env['LONG'] === '1';
/** Set it to repeat a run; printed when something fails. */
const SEED = Number(process.env['SEED'] ?? 20_251_125);
const BOTS = isLong ? 10 : 4;
const PEOPLE = isLong ? 50 : 16;
const ROUNDS = isLong ? 20 : 5;
const DISPATCHERS = 3;
const KILL_EVERY_MS = 3_000;
const recoveryMs = 30_000;

/** mulberry32: the same numbers for the same seed. */
function randomBy(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One person with one bot: what they asked in each of their sessions, and what else they said. */
interface Thread {
  readonly bot: Bot;
  readonly person: string;
  readonly mark: string;
  readonly sessions: string[][];
  readonly msgIds: string[];
  conversationId: string;
  commands: number;
}

/** P2 P3 P4 P6 under random messages, duplicates, commands, dispatchers that are killed, and a Redis that is wiped. */
describe(`random interleavings over ${PEOPLE} threads and ${DISPATCHERS} dispatchers (seed ${SEED})`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'carillon-redis-'));
  const random = randomBy(SEED);
  const pick = (below: number): number => Math.floor(random() * below);
  let redis: RunningRedis;
  let installation: Installation;
  let threads: Thread[];

  beforeAll(async () => {
    const cacheDir = join(projectRoot(), '.data', 'cache');
    redis = await startRedis({ dataDir: folder, cacheDir });
    const replicas = { dispatcher: DISPATCHERS };
    installation = await Installation.start({ replicas, redisUrl: redis.url });
    // Without cards an answer is one call, so that the platform's rate is not what is measured.
    const channel = { card: { enabled: false } };
    const bots = await Promise.all(
      Array.from({ length: BOTS }, () => Bot.join(installation, { channel })),
    );
    threads = await Promise.all(
      Array.from({ length: PEOPLE }, async (_, n) => {
        const bot = bots[n % BOTS] as Bot; // n % BOTS is one of them
        const empty = { sessions: [[]], msgIds: [], conversationId: '', commands: 0 };
        return { ...empty, bot, person: await bot.person(), mark: `mark-${n}x` };
      }),
    );
  });

  afterAll(async () => {
    await installation?.stop();
    await redis?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const ask = async (thread: Thread): Promise<void> => {
    const session = thread.sessions.at(-1) ?? [];
    const all = thread.sessions.flat().length;
    const text = `question ${all} of ${thread.mark}`;
    const copies = random() < 0.3 ? 2 : 1;
    const asked = await thread.bot.ask(thread.person, text, { copies, spread: 'each' });
    thread.conversationId = asked.conversationId;
    session.push(text);
    thread.msgIds.push(asked.msgId);
    // The platform repeats what it was not sure of.
    if (random() < 0.2) await thread.bot.ask(thread.person, text, { msgId: asked.msgId });
  };
  const command = async (thread: Thread, text: string): Promise<void> => {
    const { conversationId } = await thread.bot.ask(thread.person, text);
    thread.conversationId = conversationId;
    thread.commands += 1;
    if (text === '/new') thread.sessions.push([]);
  };
  const say = (thread: Thread): Promise<void> => {
    const dice = random();
    if (dice < 0.15) return command(thread, '/new');
    return dice < 0.25 ? command(thread, '/status') : ask(thread);
  };
  const killUntil = async (isOver: () => boolean): Promise<number> => {
    let kills = 0;
    while (!isOver()) {
      const victim = installation.service('dispatcher', pick(DISPATCHERS));
      await victim.kill();
      kills += 1;
      const until = Date.now() + KILL_EVERY_MS;
      await victim.restart();
      await eventually('the next kill is due', () => isOver() || Date.now() >= until, 10_000);
    }
    return kills;
  };
  const flush = async (): Promise<void> => {
    const client = new Redis(redis.url);
    await client.flushall();
    await client.quit();
  };

  it('keeps the order of each thread, asks each message once, and crosses no context', async () => {
    let isOver = false;
    const killing = killUntil(() => isOver);
    for (let round = 0; round < ROUNDS; round += 1) {
      await Promise.all(threads.map(say));
      if (round === Math.floor(ROUNDS / 2)) await flush();
    }
    isOver = true;
    expect(await killing).toBeGreaterThan(0);

    await Promise.all(threads.map((thread) => expectEnds(thread)));
    for (const thread of threads) expectContexts(thread);
    await expectTurns();
  });

  /** P4: each question and each command has one visible end, and no more. */
  const expectEnds = async ({ bot, conversationId, sessions, commands }: Thread): Promise<void> => {
    const ends = sessions.flat().length + commands;
    if (ends > 0) await bot.untilReplies(conversationId, ends, recoveryMs);
  };

  /** P2 P3 P6, by what the model was sent. */
  const expectContexts = ({ mark, sessions }: Thread): void => {
    const requests = installation.model.about(mark);
    expect(requests.map(({ question }) => question)).toEqual(sessions.flat());
    const others = threads.map((one) => one.mark).filter((one) => one !== mark);
    for (const { question, messages } of requests) {
      const sent = JSON.stringify(messages);
      expect(others.filter((other) => sent.includes(other))).toEqual([]);
      const session = sessions.find((one) => one.includes(question)) ?? [];
      const asked = messages.filter(({ role }) => role === 'user').map(({ content }) => content);
      expect(asked).toEqual(session.slice(0, session.indexOf(question) + 1));
    }
  };

  /** P2: each platform message is in exactly one turn. */
  const expectTurns = async (): Promise<void> => {
    for (const { msgIds } of threads)
      for (const msgId of msgIds) expect(await installation.admin.turnsOf(msgId)).toHaveLength(1);
  };
});
