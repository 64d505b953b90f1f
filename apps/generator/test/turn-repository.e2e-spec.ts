import { randomBytes } from 'node:crypto';

import type { Incarnation } from '@common/bootstrap';
import { newId, SecretBox } from '@common/kernel';
import { createDataSource, Database, migrate } from '@common/persistence';
import { OwnStores, Rows, standIn, type ThreadRow } from '@common/testing';

import { ContextRepository } from '../src/context/context.repository';
import type { Ending } from '../src/generation/claimed-turn';
import { TurnRepository } from '../src/generation/turn.repository';

const box = SecretBox.parse(`k1:${randomBytes(32).toString('base64')}`);
let stores: OwnStores;
let rows: Rows;
let database: Database;
let thread: ThreadRow;

beforeAll(async () => {
  stores = await OwnStores.open(process.env);
  await migrate(stores.databaseUrl);
  rows = new Rows(stores);
  const url = stores.databaseUrl;
  database = new Database(createDataSource({ url, poolSize: 4, applicationName: 'spec' }));
});
afterAll(async () => {
  await database.close();
  await stores.close();
});
beforeEach(async () => {
  thread = await rows.aThread();
});

/** The repository as one generator process has it. */
async function aGenerator({ seenSecondsAgo = 0, mayTakeOver = true } = {}) {
  const id = await rows.aProcess(seenSecondsAgo);
  const incarnation = standIn<Incarnation>({ id, mayTakeOver: () => mayTakeOver });
  return { id, turns: new TurnRepository(database, incarnation, box) };
}
const ending = (overrides: Partial<Ending> = {}): Ending => ({
  outcome: 'answered',
  text: 'Noon.',
  remembered: 'Noon.',
  error: null,
  usage: {
    inputTokens: 3,
    outputTokens: 1,
    cachedTokens: 0,
    toolCalls: 0,
    cost: 0.5,
    isEstimated: false,
  },
  modelId: null,
  firstWordsAt: new Date(),
  ...overrides,
});
const turnRow = (id: string) =>
  stores.one(
    'SELECT state, outcome, answer, owner, attempt, lost_attempts, seq FROM turn WHERE id = $1',
    [id],
  );
const answers = (turnId: string) =>
  stores.sql(`SELECT text FROM message WHERE turn_id = $1 AND role = 'assistant'`, [turnId]);

describe('claim', () => {
  it('makes the turn ours, attempt by attempt', async () => {
    const { turnId } = await rows.aTurn(thread);
    const { turns, id } = await aGenerator();

    expect(await turns.claim(rows.tenantId, turnId)).toMatchObject({
      id: turnId,
      attempt: 1,
      lostAttempts: 0,
      ...{ isCancelRequested: false, isChannelEnabled: true, hasBudgets: false, agent: null },
    });
    await stores.sql(
      `INSERT INTO budget (id, tenant_id, scope, unit, period, hard) VALUES ($1, $2, 'tenant', 'turns', 'day', 9)`,
      [newId(), rows.tenantId],
    );
    expect(await turns.claim(rows.tenantId, turnId)).toMatchObject({
      ...{ attempt: 2, lostAttempts: 0, hasBudgets: true },
    });
    expect(await turnRow(turnId)).toMatchObject({ owner: id });
  });

  it('takes what comes at the same moment together, and a turn that is wanted twice once', async () => {
    const { turns, id } = await aGenerator();
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) ids.push((await rows.aTurn(await rows.aThread())).turnId);
    const unknown = '00000000-0000-4000-8000-000000000bad';
    const wanted = [...ids, unknown, ...ids.slice(1)];

    const claims = await Promise.all(wanted.map((turnId) => turns.claim(rows.tenantId, turnId)));

    expect(claims.map((turn) => turn?.id ?? null)).toEqual([
      ...ids,
      ...wanted.slice(5).map(() => null),
    ]);
    for (const turnId of ids)
      expect(await turnRow(turnId)).toMatchObject({ owner: id, attempt: 1 });
  });

  it('P2 claims each once, whatever plan the statement gets', async () => {
    const url = new URL(stores.databaseUrl);
    const plan = ' -c plan_cache_mode=force_generic_plan';
    url.searchParams.set('options', (url.searchParams.get('options') ?? '') + plan);
    const source = createDataSource({ url: url.toString(), poolSize: 1, applicationName: 'spec' });
    const awkward = new Database(source);
    const id = await rows.aProcess(0);
    const turns = new TurnRepository(
      awkward,
      standIn<Incarnation>({ id, mayTakeOver: () => true }),
      box,
    );
    const ids: string[] = [];
    for (let n = 0; n < 16; n += 1) ids.push((await rows.aTurn(await rows.aThread())).turnId);
    await stores.sql('ANALYZE');

    const claims = await Promise.all(ids.map((turnId) => turns.claim(rows.tenantId, turnId)));
    await awkward.close();

    expect(claims.map((turn) => turn?.attempt)).toEqual(ids.map(() => 1));
    for (const turnId of ids) expect(await turnRow(turnId)).toMatchObject({ attempt: 1 });
  });

  it('P2 gives a turn to one of many who want it at the same moment', async () => {
    const { turnId } = await rows.aTurn(thread);
    const generators = await Promise.all([1, 2, 3, 4].map(() => aGenerator()));
    const claims = await Promise.all(
      generators.map(({ turns }) => turns.claim(rows.tenantId, turnId)),
    );
    expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
  });

  it('takes a turn of a dead process over and counts the lost attempt', async () => {
    const dead = await aGenerator({ seenSecondsAgo: 7 });
    const { turnId } = await rows.aTurn(thread, { owner: dead.id });

    const careful = await aGenerator({ mayTakeOver: false });
    expect(await careful.turns.claim(rows.tenantId, turnId)).toBeNull();
    const { turns } = await aGenerator();
    expect(await turns.claim(rows.tenantId, turnId)).toMatchObject({ attempt: 1, lostAttempts: 1 });
  });

  it.each(['queued', 'generated'] as const)('leaves a turn alone that is %s', async (state) => {
    const { turnId } = await rows.aTurn(thread, { state });
    expect(await (await aGenerator()).turns.claim(rows.tenantId, turnId)).toBeNull();
  });

  it('P6 finds no turn of another tenant', async () => {
    const { turnId } = await rows.aTurn(thread);
    const { turns } = await aGenerator();
    expect(await turns.claim('00000000-0000-4000-8000-0000000000ff', turnId)).toBeNull();
  });
});

describe('commit', () => {
  it('keeps the answer, what is remembered of it, and its checkpoints', async () => {
    const { turnId } = await rows.aTurn(thread);
    const { turns } = await aGenerator();
    const turn = await turns.claim(rows.tenantId, turnId);
    if (!turn) throw new Error('not claimed');

    expect(
      await turns.commit(turn, ending({ text: 'No\0on.', remembered: 'No\0on.' })),
    ).toMatchObject({
      isOurs: true,
    });

    expect(await turnRow(turnId)).toMatchObject({
      state: 'generated',
      outcome: 'answered',
      answer: 'Noon.',
    });
    expect(await answers(turnId)).toEqual([{ text: 'Noon.' }]);
    const steps = await stores.sql('SELECT step FROM turn_step WHERE turn_id = $1', [turnId]);
    expect(steps.map(({ step }) => step as unknown)).toEqual([
      'generation_started',
      'first_words',
      'generated',
    ]);
  });

  it('twice: changes nothing the second time', async () => {
    const { turnId } = await rows.aTurn(thread);
    const { turns } = await aGenerator();
    const turn = await turns.claim(rows.tenantId, turnId);
    if (!turn) throw new Error('not claimed');
    await turns.commit(turn, ending());

    expect(await turns.commit(turn, ending({ text: 'One.' }))).toMatchObject({ isOurs: false });
    expect(await turnRow(turnId)).toMatchObject({ answer: 'Noon.' });
    expect(await answers(turnId)).toHaveLength(1);
  });

  it('late: refuses an older attempt, and an owner who was taken over', async () => {
    const { turnId } = await rows.aTurn(thread);
    const slow = await aGenerator();
    const old = await slow.turns.claim(rows.tenantId, turnId);
    const newer = await slow.turns.claim(rows.tenantId, turnId);
    if (!old || !newer) throw new Error('not claimed');
    expect(await slow.turns.commit(old, ending())).toMatchObject({ isOurs: false });

    await stores.sql(
      `UPDATE incarnation SET seen_at = now() - interval '7 seconds' WHERE id = $1`,
      [slow.id],
    );
    const heir = await aGenerator();
    expect(await heir.turns.claim(rows.tenantId, turnId)).toMatchObject({ attempt: 3 });
    expect(await slow.turns.commit(newer, ending())).toMatchObject({ isOurs: false });
    expect(await slow.turns.release(newer)).toBeNull();
    expect(await turnRow(turnId)).toMatchObject({ state: 'active', owner: heir.id });
  });
});

describe('the ledger', () => {
  const attempts = (turnId: string) =>
    stores.sql(
      'SELECT attempt, state, counted, input_tokens::int AS tokens, cost::float FROM turn_attempt WHERE turn_id = $1 ORDER BY attempt',
      [turnId],
    );
  const used = {
    inputTokens: 10,
    outputTokens: 2,
    cachedTokens: 0,
    toolCalls: 1,
    cost: 0.5,
    isEstimated: false,
  };
  const dayOf = (memberId: string) =>
    stores.one(
      `SELECT sum(attempts)::int AS attempts, sum(turns)::int AS turns, sum(input_tokens)::int AS input,
              sum(counted_tokens)::int AS counted, sum(cost)::float AS cost FROM usage_day WHERE member_id = $1`,
      [memberId],
    );

  it('has a row for every attempt, and a person’s quota only the one that ended the turn', async () => {
    const own = await rows.aThread();
    const dead = await aGenerator();
    const { turnId } = await rows.aTurn(own);
    await dead.turns.claim(rows.tenantId, turnId);
    await stores.sql(
      `UPDATE incarnation SET seen_at = now() - interval '7 seconds' WHERE id = $1`,
      [dead.id],
    );
    const { turns } = await aGenerator();
    const claimed = await turns.claim(rows.tenantId, turnId);
    if (!claimed) throw new Error('not claimed');
    const next = await turns.restart(claimed, ending({ usage: used }));
    if (!next) throw new Error('not restarted');
    await turns.commit(next, ending({ usage: used }));
    await turns.commit(next, ending({ usage: used }));

    expect(await attempts(turnId)).toEqual([
      { attempt: 1, state: 'lost', counted: false, tokens: 0, cost: 0 },
      { attempt: 2, state: 'restarted', counted: false, tokens: 10, cost: 0.5 },
      { attempt: 3, state: 'answered', counted: true, tokens: 10, cost: 0.5 },
    ]);
    expect(await dayOf(own.memberId)).toEqual({
      attempts: 3,
      turns: 1,
      input: 20,
      counted: 12,
      cost: 1,
    });
  });

  it('counts a released attempt as none', async () => {
    const own = await rows.aThread();
    const { turnId } = await rows.aTurn(own);
    const { turns } = await aGenerator();
    const turn = await turns.claim(rows.tenantId, turnId);
    if (!turn) throw new Error('not claimed');
    await turns.release(turn);

    expect(await attempts(turnId)).toMatchObject([{ state: 'released', counted: false }]);
    expect(await dayOf(own.memberId)).toMatchObject({ turns: 0, counted: 0 });
  });

  it('late: refuses to begin anew what somebody else has', async () => {
    const { turnId } = await rows.aTurn(thread);
    const { turns } = await aGenerator();
    const turn = await turns.claim(rows.tenantId, turnId);
    if (!turn) throw new Error('not claimed');
    await turns.claim(rows.tenantId, turnId);
    expect(await turns.restart(turn, ending())).toBeNull();
  });
});

describe('release', () => {
  it('gives the turn back under a new wake counter, without a lost attempt', async () => {
    const { turnId } = await rows.aTurn(thread);
    const { turns } = await aGenerator();
    const turn = await turns.claim(rows.tenantId, turnId);
    if (!turn) throw new Error('not claimed');

    expect(await turns.release(turn)).toMatchObject({ wake: 1 });
    expect(await turns.release(turn)).toBeNull();
    expect(await (await aGenerator()).turns.claim(rows.tenantId, turnId)).toMatchObject({
      attempt: 2,
      lostAttempts: 0,
    });
  });
});

describe('history', () => {
  const say = (turnId: string, seq: number, role: string, text: string, sessionId: string) =>
    stores.sql(
      `INSERT INTO message (id, tenant_id, session_id, turn_id, turn_seq, role, text)
       VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6)`,
      [rows.tenantId, sessionId, turnId, seq, role, text],
    );

  it('P6 is what was said and answered in this session, oldest first, the question last', async () => {
    const other = await rows.aThread();
    const foreign = await rows.aTurn(other);
    await say(foreign.turnId, 1, 'user', 'foreign', other.sessionId);
    await say(foreign.turnId, 1, 'assistant', 'foreign', other.sessionId);
    const ids: { turnId: string; seq: number }[] = [];
    for (const state of ['queued', 'queued', 'active', 'queued'] as const) {
      const { turnId } = await rows.aTurn(thread, { state });
      ids.push({ turnId, seq: Number((await turnRow(turnId))['seq']) });
    }
    for (const [n, { turnId, seq }] of ids.entries()) {
      await say(turnId, seq, 'user', `question ${n}`, thread.sessionId);
      // The second turn failed: nothing is remembered of it.
      if (n === 0) await say(turnId, seq, 'assistant', `answer ${n}`, thread.sessionId);
    }
    const { turns } = await aGenerator();
    const turn = await turns.claim(rows.tenantId, ids[2]?.turnId ?? '');
    if (!turn) throw new Error('not claimed');

    expect((await new ContextRepository(database).told(turn, 100)).recent).toMatchObject([
      { role: 'user', text: 'question 0' },
      { role: 'assistant', text: 'answer 0' },
      { role: 'user', text: 'question 2' },
    ]);
  });
});
