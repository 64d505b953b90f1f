import { randomBytes } from 'node:crypto';

import type { Incarnation } from '@common/bootstrap';
import { newId, SecretBox } from '@common/kernel';
import { createDataSource, Database, migrate } from '@common/persistence';
import { OwnStores, Rows, standIn, type ThreadRow } from '@common/testing';

import { TurnRepository } from '../src/generation/turn.repository';
import { PermitRepository } from '../src/permits/permit.repository';

const SLOTS = 8; // 2 per channel, 4 per model, 6 per tenant

const box = SecretBox.parse(`k1:${randomBytes(32).toString('base64')}`);
const next = SecretBox.parse(`k2:${randomBytes(32).toString('base64')}`);
let stores: OwnStores;
let rows: Rows;
let database: Database;

beforeAll(async () => {
  stores = await OwnStores.open(process.env);
  await migrate(stores.databaseUrl);
  rows = new Rows(stores);
  const url = stores.databaseUrl;
  database = new Database(createDataSource({ url, poolSize: 8, applicationName: 'spec' }));
});
afterAll(async () => {
  await database.close();
  await stores.close();
});
beforeEach(() =>
  stores.sql('TRUNCATE turn, turn_step, turn_attempt, delivery, message, incarnation CASCADE'),
);

async function aGenerator(slots = SLOTS) {
  const id = await rows.aProcess();
  const incarnation = standIn<Incarnation>({ id, mayTakeOver: () => true });
  const permits = new PermitRepository(database, incarnation);
  await permits.offerSlots(slots);
  return { id, turns: new TurnRepository(database, incarnation, box), permits };
}
type Generator = Awaited<ReturnType<typeof aGenerator>>;

/** A channel whose agent asks this model; each thread of it is another person. */
async function aChannel(modelId?: string) {
  const channelId = await rows.aChannel();
  const [agentId, versionId] = [newId(), newId()];
  await stores.sql(`INSERT INTO agent (id, tenant_id, name) VALUES ($1, $2, 'a')`, [
    agentId,
    rows.tenantId,
  ]);
  await stores.sql(
    `INSERT INTO agent_version (id, tenant_id, agent_id, version, kind, model_id) VALUES ($1, $2, $3, 1, 'llm', $4)`,
    [versionId, rows.tenantId, agentId, modelId ?? (await aModel())],
  );
  return { channelId, versionId };
}
async function aModel(maxConcurrent: number | null = null): Promise<string> {
  const id = newId();
  await stores.sql(
    `INSERT INTO model (id, tenant_id, name, provider, max_concurrent) VALUES ($1, $2, 'm', 'demo', $3)`,
    [id, rows.tenantId, maxConcurrent],
  );
  return id;
}
async function turnsOf(channel: { channelId: string; versionId: string }, count: number) {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const thread: ThreadRow = await rows.aThread(channel.channelId);
    const { turnId } = await rows.aTurn(thread);
    await stores.sql(
      `UPDATE turn SET agent_version_id = $2, activated_at = now() - interval '1 hour' + $3 * interval '1 second' WHERE id = $1`,
      [turnId, channel.versionId, n],
    );
    ids.push(turnId);
  }
  return ids;
}
const claimAll = async ({ turns }: Generator, ids: readonly string[]) => {
  const claimed: string[] = [];
  for (const id of ids) if (await turns.claim(rows.tenantId, id)) claimed.push(id);
  return claimed;
};
const pools = async ({ permits }: Generator) =>
  (await permits.waiting()).find(({ tenantId }) => tenantId === rows.tenantId)?.pools ?? [];
const grant = async (generator: Generator) =>
  (await generator.permits.grant(rows.tenantId, await pools(generator))).map(({ id }) => id);
const release = async (generator: Generator, turnId: string) => {
  const { attempt } = await stores.one('SELECT attempt FROM turn WHERE id = $1', [turnId]);
  return generator.turns.commit({ id: turnId, tenantId: rows.tenantId, attempt } as never, {
    outcome: 'answered',
    text: 'x',
    remembered: null,
    error: null,
    usage: null,
    modelId: null,
    firstWordsAt: null,
  });
};

describe('permits', () => {
  it('P3 are claimed although somebody writes what refers to the turn: neither waits for the other', async () => {
    const generator = await aGenerator();
    const [turnId = ''] = await turnsOf(await aChannel(), 1);

    await database.inTenant(rows.tenantId, async (tx) => {
      await tx.query(
        `INSERT INTO turn_step (tenant_id, turn_id, step) VALUES ($1, $2, 'card_open')`,
        [rows.tenantId, turnId],
      );
      expect(await generator.turns.claim(rows.tenantId, turnId)).not.toBeNull();
    });
  });

  it('are given back with a turn whose model key only others can open yet, and it is no attempt', async () => {
    const generator = await aGenerator();
    const [turnId = '', other = ''] = await turnsOf(await aChannel(), 2);
    const foreign = await aChannel();
    await stores.sql(
      'UPDATE model SET api_key = $2 WHERE id = (SELECT model_id FROM agent_version WHERE id = $1)',
      [foreign.versionId, next.seal('sk-1')],
    );
    await stores.sql('UPDATE turn SET agent_version_id = $2 WHERE id = $1', [
      ...[turnId, foreign.versionId],
    ]);
    box.othersHave(['k2']);
    const claims = [turnId, other].map((id) => generator.turns.claim(rows.tenantId, id));
    expect(await Promise.all(claims)).toMatchObject([null, { id: other }]);
    expect(
      await stores.one('SELECT state, owner, attempt, permit_held FROM turn WHERE id = $1', [
        turnId,
      ]),
    ).toEqual({ state: 'active', owner: null, attempt: 0, permit_held: false });
    expect(await stores.sql('SELECT 1 FROM turn_attempt WHERE turn_id = $1', [turnId])).toEqual([]);

    // Nobody has it any more: then the asker is told.
    box.othersHave([]);
    expect(await generator.turns.claim(rows.tenantId, turnId)).toMatchObject({ attempt: 1 });
  });

  it('gives a channel a quarter of the slots; the others wait and hold no claim', async () => {
    const generator = await aGenerator();
    const ids = await turnsOf(await aChannel(), 5);

    expect(await claimAll(generator, ids)).toEqual(ids.slice(0, 2));
    const waiting = await stores.sql(
      'SELECT id FROM turn WHERE permit_pool IS NOT NULL AND owner IS NULL ORDER BY permit_since',
    );
    expect(waiting.map(({ id }) => id as string)).toEqual(ids.slice(2));
  });

  it('counts the model that the asker chose, not the agent’s own', async () => {
    const generator = await aGenerator();
    const chosen = await aModel(1);
    const ids = await turnsOf(await aChannel(), 2);
    await stores.sql('UPDATE turn SET model_id = $2 WHERE id = ANY($1)', [ids, chosen]);

    expect(await claimAll(generator, ids)).toEqual(ids.slice(0, 1));
    expect(await pools(generator)).toEqual([`model:${chosen}`]);
    expect(
      await stores.one('SELECT model_id FROM turn_attempt WHERE turn_id = $1', [ids[0]]),
    ).toEqual({ model_id: chosen });
  });

  it('gives a model half of them over all channels, or what its administrator says', async () => {
    const generator = await aGenerator();
    const model = await aModel();
    const ids: string[] = [];
    for (let n = 0; n < 3; n += 1) ids.push(...(await turnsOf(await aChannel(model), 2)));
    expect(await claimAll(generator, ids)).toHaveLength(4);

    const small = await aModel(1);
    const others = [
      ...(await turnsOf(await aChannel(small), 1)),
      ...(await turnsOf(await aChannel(small), 1)),
    ];
    expect(await claimAll(generator, others)).toEqual(others.slice(0, 1));
  });

  it('gives a tenant three quarters', async () => {
    const generator = await aGenerator();
    const ids: string[] = [];
    for (let n = 0; n < 4; n += 1) ids.push(...(await turnsOf(await aChannel(), 2)));
    expect(await claimAll(generator, ids)).toHaveLength(6);
  });

  it('counts the slots of every living generator', async () => {
    const generator = await aGenerator();
    await aGenerator();
    const ids = await turnsOf(await aChannel(), 5);
    expect(await claimAll(generator, ids)).toHaveLength(4);
  });

  it('wakes the oldest when one is given back, whatever came later', async () => {
    const generator = await aGenerator();
    const channel = await aChannel();
    const ids = await turnsOf(channel, 4);
    await claimAll(generator, [...ids.slice(0, 2), ...ids.slice(2).reverse()]);

    const { wantedPools } = await release(generator, ids[0] ?? '');
    expect(wantedPools).toEqual([`channel:${channel.channelId}`]);
    expect(await grant(generator)).toEqual([ids[2]]);
    // Nobody overtakes: the permit is the granted turn's already.
    expect(await claimAll(generator, [ids[3] ?? '', ids[2] ?? ''])).toEqual([ids[2]]);
  });

  it('lets a turn that waits for a full model hold up nobody but those behind it', async () => {
    const generator = await aGenerator();
    const hanging = await aModel(1);
    const [stuck, fine] = [await aChannel(hanging), await aChannel()];
    expect(await claimAll(generator, await turnsOf(stuck, 4))).toHaveLength(1);
    expect(await claimAll(generator, await turnsOf(fine, 2))).toHaveLength(2);
    expect(await grant(generator)).toEqual([]);
  });

  it('keeps its place when the next pool is full too', async () => {
    const generator = await aGenerator();
    const channel = await aChannel(await aModel(1));
    const [first = '', second = ''] = await turnsOf(channel, 2);
    const other = { ...channel, versionId: (await aChannel()).versionId };
    const [busy = '', late = '', later = ''] = await turnsOf(other, 3);
    expect(await claimAll(generator, [first, second, busy])).toEqual([first, busy]);
    await release(generator, first);
    expect(await claimAll(generator, [late])).toEqual([late]);

    expect(await grant(generator)).toEqual([]);
    expect(await pools(generator)).toEqual([`channel:${channel.channelId}`]);
    expect(await claimAll(generator, [later])).toEqual([]);
    await release(generator, busy);
    expect(await grant(generator)).toEqual([second]);
  });

  it('frees the permits of a dead process, whose turns keep their place', async () => {
    const dead = await aGenerator();
    const ids = await turnsOf(await aChannel(), 4);
    await claimAll(dead, ids);
    const heir = await aGenerator();
    await stores.sql(
      `UPDATE incarnation SET seen_at = now() - interval '7 seconds' WHERE id = $1`,
      [dead.id],
    );

    // The lost ones are older than those who wait.
    expect(await claimAll(heir, ids.slice(0, 2))).toEqual(ids.slice(0, 2));
    expect(await grant(heir)).toEqual([]);
  });

  it('P2 never gives more than there are, however many ask at the same moment', async () => {
    const generators = await Promise.all([1, 2, 3, 4].map(() => aGenerator(2)));
    const ids = await turnsOf(await aChannel(), 12);
    const claims = await Promise.all(
      ids.map((id, n) => (generators[n % 4] as Generator).turns.claim(rows.tenantId, id)),
    );
    expect(claims.filter((claim) => claim)).toHaveLength(2);
    expect(await pools(generators[0] as Generator)).toHaveLength(1);
  });

  it('dismisses those who were cancelled while they waited: they need no permit to end', async () => {
    const generator = await aGenerator();
    const ids = await turnsOf(await aChannel(), 4);
    await claimAll(generator, ids);
    await stores.sql('UPDATE turn SET cancel_requested_at = now() WHERE id = $1', [ids[3]]);

    expect((await generator.permits.dismiss()).map(({ id }) => id)).toEqual([ids[3]]);
    expect(await generator.turns.claim(rows.tenantId, ids[3] ?? '')).toMatchObject({
      isCancelRequested: true,
    });
  });
});

describe('commits at the same moment', () => {
  it('sum what the turns of one person cost, and leave out one that is no longer ours', async () => {
    const { turns } = await aGenerator(100);
    const { memberId, channelId } = await rows.aThread();
    const claimed = [];
    for (const id of await turnsOf(await aChannel(), 4)) {
      const turn = await turns.claim(rows.tenantId, id);
      if (turn) claimed.push(turn);
    }
    await stores.sql('UPDATE turn_attempt SET member_id = $1, channel_id = $2', [
      ...[memberId, channelId],
    ]);
    const late = claimed.map((turn, n) => (n === 2 ? { ...turn, attempt: 0 } : turn));
    const tokens = { inputTokens: 10, outputTokens: 2, cachedTokens: 0 };
    const usage = { ...tokens, toolCalls: 1, cost: 0.5, isEstimated: false };
    const end = { outcome: 'answered', text: 'Noon.', remembered: 'Noon.', error: null } as const;
    const ending = { ...end, usage, modelId: null, firstWordsAt: new Date() };

    const freed = await Promise.all(late.map((turn) => turns.commit(turn, ending)));

    expect(freed.map(({ isOurs }) => isOurs)).toEqual([true, true, false, true]);
    expect(
      await stores.sql(
        `SELECT sum(attempts)::int AS attempts, sum(turns)::int AS turns, sum(input_tokens)::int AS input,
                sum(counted_tokens)::int AS counted, sum(cost)::float AS cost FROM usage_day WHERE member_id = $1`,
        [memberId],
      ),
    ).toEqual([{ attempts: 3, turns: 3, input: 30, counted: 36, cost: 1.5 }]);
  });
});
