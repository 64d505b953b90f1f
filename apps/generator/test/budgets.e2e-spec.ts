import { newId } from '@common/kernel';
import { createDataSource, Database, migrate } from '@common/persistence';
import { OwnStores, RecordingLogger, Rows, type ThreadRow } from '@common/testing';

import { ContextRepository } from '../src/context/context.repository';
import { aClaimedTurn } from '../src/generation/claimed-turn.fixture';
import { BudgetGate } from '../src/limits/budget-gate.service';
import { BudgetsRepository } from '../src/limits/budgets.repository';

let stores: OwnStores;
let rows: Rows;
let database: Database;
let thread: ThreadRow;
let gate: BudgetGate;

beforeAll(async () => {
  stores = await OwnStores.open(process.env);
  await migrate(stores.databaseUrl);
  rows = new Rows(stores);
  const url = stores.databaseUrl;
  database = new Database(createDataSource({ url, poolSize: 2, applicationName: 'spec' }));
  gate = new BudgetGate(new BudgetsRepository(database), new RecordingLogger());
});
afterAll(async () => {
  await database.close();
  await stores.close();
});
beforeEach(async () => {
  await stores.sql('TRUNCATE budget, usage_day, channel_notice');
  thread = await rows.aThread();
});

const turn = () => aClaimedTurn({ ...thread, tenantId: rows.tenantId });
const budget = (
  scope: string,
  unit: string,
  soft: number | null,
  hard: number | null,
  more: { member?: string; channel?: string; period?: string } = {},
) =>
  stores.sql(
    `INSERT INTO budget (id, tenant_id, scope, unit, soft, hard, period, member_id, channel_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      newId(),
      rows.tenantId,
      scope,
      unit,
      soft,
      hard,
      more.period ?? 'month',
      more.member ?? null,
      more.channel ?? null,
    ],
  );
const used = (tokens: number, counted: number, { of = thread, daysAgo = 0, turns = 1 } = {}) =>
  stores.sql(
    `INSERT INTO usage_day (tenant_id, day, channel_id, member_id, attempts, turns, input_tokens, counted_tokens, cost, counted_cost)
     VALUES ($1, (now() AT TIME ZONE 'Asia/Shanghai')::date - $2::int, $3, $4, 2, $5, $6::bigint, $7::bigint, $6::bigint, $7::bigint)`,
    [rows.tenantId, daysAgo, of.channelId, of.memberId, turns, tokens, counted],
  );

describe('BudgetGate', () => {
  it('lets everything pass without budgets', async () => {
    await used(1e9, 1e9);
    expect(await gate.judge(turn())).toEqual({ kind: 'go' });
  });

  it('measures a person by one attempt of each turn, a tenant by all of them', async () => {
    await used(100, 40);
    await budget('member', 'tokens', null, 50);
    expect(await gate.judge(turn())).toEqual({ kind: 'go' });
    await budget('tenant', 'tokens', null, 100);
    expect(await gate.judge(turn())).toEqual({ kind: 'stop' });
  });

  it.each([
    ['tokens', 40],
    ['cost', 40],
    ['turns', 1],
  ])('stops at the hard limit in %s', async (unit, hard) => {
    await budget('member', unit, null, hard);
    expect(await gate.judge(turn())).toEqual({ kind: 'go' });
    await used(100, 40);
    expect(await gate.judge(turn())).toEqual({ kind: 'stop' });
  });

  it('warns a person from the soft limit on', async () => {
    await budget('member', 'tokens', 40, 80);
    await used(100, 60);
    expect(await gate.judge(turn())).toEqual({ kind: 'warn', percent: 75 });
  });

  it('tells administrators of the soft limits of channel and tenant', async () => {
    await budget('channel', 'tokens', 40, null);
    await used(100, 60);
    expect(await gate.judge(turn())).toEqual({ kind: 'go' });
    const notices = await stores.sql('SELECT code FROM channel_notice WHERE channel_id = $1', [
      thread.channelId,
    ]);
    expect(notices).toEqual([{ code: 'budget_channel' }]);
  });

  it('takes what is written for one person in place of what is written for all', async () => {
    await budget('member', 'tokens', null, 10);
    await budget('member', 'tokens', null, 1_000, { member: thread.memberId });
    await used(100, 60);
    expect(await gate.judge(turn())).toEqual({ kind: 'go' });
  });

  it('P6 counts neither other people nor other channels', async () => {
    await budget('member', 'tokens', null, 50);
    await budget('channel', 'tokens', null, 50);
    await used(1_000, 1_000, { of: await rows.aThread() });
    expect(await gate.judge(turn())).toEqual({ kind: 'go' });
  });

  it('begins anew with the day', async () => {
    await budget('member', 'tokens', null, 50, { period: 'day' });
    await used(100, 100, { daysAgo: 1 });
    expect(await gate.judge(turn())).toEqual({ kind: 'go' });
  });
});

describe('ContextRepository', () => {
  it('keeps the newest summary of a session, and charges the tenant for it, not the person', async () => {
    const context = new ContextRepository(database);
    const usage = {
      inputTokens: 9,
      outputTokens: 1,
      cachedTokens: 0,
      toolCalls: 0,
      cost: 2,
      isEstimated: false,
    };
    await context.keep(turn(), { text: 'newer', upToSeq: 5 }, { usage, modelId: null });
    await context.keep(turn(), { text: 'late', upToSeq: 3 }, { usage, modelId: null });

    expect((await context.told(turn(), 10)).past).toEqual({
      memories: [],
      summary: 'newer',
      summarisedSeq: 5,
    });
    const [sum] = await stores.sql(
      'SELECT cost::float, counted_tokens::int, turns FROM usage_day WHERE member_id = $1',
      [thread.memberId],
    );
    expect(sum).toEqual({ cost: 4, counted_tokens: 0, turns: 0 });
  });

  it('P6 tells each session its own past, however many ask at the same moment', async () => {
    const context = new ContextRepository(database);
    const threads = [];
    for (let n = 0; n < 6; n += 1) threads.push(await rows.aThread());
    const turns = threads.map((one) => aClaimedTurn({ ...one, tenantId: rows.tenantId }));
    const free = { usage: null, modelId: null };
    for (const [n, one] of turns.entries())
      if (n !== 3) await context.keep(one, { text: `summary ${n}`, upToSeq: n + 1 }, free);

    const told = await Promise.all(turns.map((one) => context.told(one, 10)));

    expect(told.map(({ past }) => past.summary)).toEqual([
      ...['summary 0', 'summary 1', 'summary 2', null, 'summary 4', 'summary 5'],
    ]);
  });
});
