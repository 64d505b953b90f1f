import { Bot } from './support/bot';
import { eventually } from './support/eventually';
import { Installation } from './support/installation';
import { plainAnswerTo } from './support/model-server';

const isLong = process.env['LONG'] === '1';

/** Turns on the model that hangs: beyond the channel's permits, and with LONG far beyond all slots. */
const HANGING = isLong ? 200 : 40;
const ROUNDS = isLong ? 120 : 20;

describe('permits: a model that hangs', () => {
  let installation: Installation;
  let stuck: Bot;
  let fine: Bot;
  let calm: number[] = [];
  let crowded: number[] = [];

  beforeAll(async () => {
    const slots = isLong ? '200' : '32';
    installation = await Installation.start({ env: { GENERATOR_CONCURRENCY: slots } });
    stuck = await Bot.join(installation);
    fine = await Bot.join(installation);
    installation.model.on('hang', async (call) => {
      call.say('…');
      await call.gone;
    });
  });

  afterAll(() => installation?.stop());

  /** From the message to the answer generated, as the timeline has it, in milliseconds; sorted. */
  const times = async (label: string): Promise<number[]> => {
    const person = await fine.person();
    for (let n = 0; n < ROUNDS; n += 1) await fine.answerTo(person, `${label} ${n}`);
    const rows = await installation.schema.query<{ ms: number }>(
      `SELECT extract(epoch FROM t.generated_at - t.created_at)::float * 1000 AS ms FROM turn t
         JOIN message m ON m.turn_id = t.id AND m.role = 'user' WHERE m.text LIKE $1`,
      [`${label} %`],
    );
    expect(rows).toHaveLength(ROUNDS);
    return rows.map(({ ms }) => ms).sort((one, other) => one - other);
  };
  const p95 = (sorted: number[]): number => sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0;

  it('takes a quarter of the slots from its channel and nothing from another', async () => {
    await times('warm up');
    calm = await times('before');
    const people = await Promise.all(Array.from({ length: HANGING }, () => stuck.person()));
    const asked = await Promise.all(people.map((person) => stuck.ask(person, 'hang')));
    await eventually('all of them are active', async () => {
      const [row] = await installation.schema.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM turn WHERE channel_id = $1 AND (owner IS NOT NULL OR permit_pool IS NOT NULL)`,
        [stuck.channelId],
      );
      return row?.n === HANGING;
    });
    crowded = await times('during');

    const quarter = (isLong ? 200 : 32) / 4;
    expect(installation.model.about('hang')).toHaveLength(quarter);
    // A tick of a busy machine is more than a fifth of so few milliseconds; with LONG the next one judges.
    expect(p95(crowded)).toBeLessThan(p95(calm) * 1.2 + 25);

    const place = await installation.admin.turnsOf(asked.at(-1)?.msgId ?? '');
    expect(place).toMatchObject([{ state: 'active', queuePosition: expect.any(Number) as number }]);
  });

  it('those who wait are answered in their order as soon as permits come free', async () => {
    installation.model.on('hang', (call) => {
      call.say(plainAnswerTo('hang'));
      call.end();
    });

    installation.model.dropAll();

    await eventually('all of them have an end', async () => {
      const [row] = await installation.schema.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM turn WHERE channel_id = $1 AND ended_at IS NULL`,
        [stuck.channelId],
      );
      return row?.n === 0;
    });
  });

  (isLong ? it : it.skip)('another channel’s p95 rose by less than a fifth', async () => {
    // Before and after together: what the machine's other work did is on both sides.
    calm = [...calm, ...(await times('after'))].sort((one, other) => one - other);
    const [was, became] = [p95(calm), p95(crowded)];
    console.info(
      `p95 of the other channel: ${was.toFixed(1)} → ${became.toFixed(1)} ms (median ${median(calm)} → ${median(crowded)})`,
    );
    expect(became).toBeLessThan(was * 1.2);
  });
});

const median = (sorted: readonly number[]): string => (sorted[sorted.length >> 1] ?? 0).toFixed(1);
