import { generationQueue } from '@common/contracts';
import { DatabaseUnavailableError } from '@common/persistence';
import {
  aGenerationJob,
  ManualClock,
  RecordingLogger,
  RecordingProducer,
  settled,
  standIn,
} from '@common/testing';

import { Interruption, TurnsInHand } from '../cancelling/turns-in-hand';
import type { PermitDesk } from '../permits/permit-desk.service';
import type { ReplyFlusher } from '../streaming/reply-flusher.service';
import { Suspension } from '../tools/suspension';
import type { Answering } from './answering.service';
import type { ClaimedTurn, Ending } from './claimed-turn';
import { aClaimedTurn } from './claimed-turn.fixture';
import { GenerationPipeline } from './generation.pipeline';
import type { TurnRepository } from './turn.repository';

const job = aGenerationJob();
const turn = aClaimedTurn({ id: job.turnId, tenantId: job.tenantId });
const ending: Ending = {
  outcome: 'answered',
  text: 'Noon.',
  remembered: 'Noon.',
  error: null,
  usage: null,
  modelId: null,
  firstWordsAt: null,
};
const noon = (): Promise<Ending> => Promise.resolve(ending);

/** Postgres for one turn: claimed once, committed once, by whoever holds it. */
class OneTurn {
  claimed: ClaimedTurn | null = turn;
  isOurs = true;
  failures = 0;
  readonly committed: Ending[] = [];
  released = 0;
  restarts = 0;
  readonly suspended: Suspension[] = [];

  readonly repository = standIn<TurnRepository>({
    claim: () => Promise.resolve(this.claimed),
    commit: (_turn, end) => {
      if (this.failures-- > 0)
        return Promise.reject(new DatabaseUnavailableError(new Error('gone')));
      if (this.isOurs) this.committed.push(end);
      if (this.isOurs) this.claimed = null;
      return Promise.resolve({ isOurs: this.isOurs, wantedPools: ['model:1'] });
    },
    suspend: (_turn, wait) => {
      this.suspended.push(wait);
      return Promise.resolve({ isOurs: this.isOurs, wantedPools: ['model:1'] });
    },
    restart: (of) => {
      this.restarts += 1;
      return Promise.resolve(this.isOurs ? { ...of, attempt: of.attempt + 1 } : null);
    },
    release: () => {
      this.released += 1;
      return Promise.resolve(this.isOurs ? { isOurs: true, wantedPools: [], wake: 7 } : null);
    },
  });
}

function aPipeline(answer: Answering['answer'] = noon) {
  const row = new OneTurn();
  const inHand = new TurnsInHand();
  const told: unknown[] = [];
  const freed: string[] = [];
  const generation = new RecordingProducer(generationQueue);
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const pipeline = new GenerationPipeline(
    row.repository,
    standIn<Answering>({ answer }),
    inHand,
    standIn<ReplyFlusher>({
      tell: (news) => {
        told.push(news);
        return Promise.resolve();
      },
    }),
    standIn<PermitDesk>({ freed: (_tenant, pools) => void freed.push(...pools) }),
    generation,
    clock,
    logger,
  );
  return { pipeline, row, inHand, told, freed, generation, clock, logger };
}

/** An agent that answers until it is interrupted. */
const endless: Answering['answer'] = (_turn, signal) =>
  new Promise((_resolve, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error)),
  );

describe('GenerationPipeline', () => {
  it('commits the answer, then tells the sender and whoever waits for its permit', async () => {
    const { pipeline, row, told, freed, inHand } = aPipeline();

    await pipeline.run(job);

    expect(row.committed).toEqual([ending]);
    expect(told).toEqual([{ turnId: turn.id, attempt: 1, kind: 'end' }]);
    expect(freed).toEqual(['model:1']);
    expect(inHand.ids).toEqual([]);
  });

  it('twice: the second job finds the turn ended and asks nobody', async () => {
    let asked = 0;
    const { pipeline, row } = aPipeline(() => {
      asked += 1;
      return noon();
    });

    await pipeline.run(job);
    await pipeline.run(job);

    expect(asked).toBe(1);
    expect(row.committed).toHaveLength(1);
  });

  it('twice at once: the second job leaves the turn to the first', async () => {
    let asked = 0;
    let finish: (end: Ending) => void = () => undefined;
    const { pipeline } = aPipeline(() => {
      asked += 1;
      return new Promise((resolve) => (finish = resolve));
    });
    const first = pipeline.run(job);
    await settled();

    await pipeline.run({ ...job, wake: 1 });
    finish(ending);
    await first;

    expect(asked).toBe(1);
  });

  it('begins anew as the next attempt when the words break off, and says so to the next', async () => {
    const asked: [number, number][] = [];
    const { pipeline, row, told, clock } = aPipeline((of, _signal, breaks = 0) => {
      asked.push([of.attempt, breaks]);
      return breaks === 0 ? Promise.resolve({ ...ending, isBroken: true }) : noon();
    });
    const run = pipeline.run(job);

    await clock.pass(5_000);
    await run;

    expect(asked).toEqual([
      [1, 0],
      [2, 1],
    ]);
    expect(row.committed).toEqual([ending]);
    expect(told).toEqual([{ turnId: turn.id, attempt: 2, kind: 'end' }]);
  });

  it('tells the person after the third time', async () => {
    const broken = { ...ending, isBroken: true };
    const { pipeline, row, clock } = aPipeline(() => Promise.resolve(broken));
    const run = pipeline.run(job);

    await clock.pass(10_000);
    await run;

    expect(row.restarts).toBe(2);
    expect(row.committed).toEqual([broken]);
  });

  it('late: does not begin anew what was taken over', async () => {
    const { pipeline, row, told } = aPipeline(() => Promise.resolve({ ...ending, isBroken: true }));
    row.isOurs = false;

    await pipeline.run(job);

    expect([row.committed, told, row.released]).toEqual([[], [], 0]);
  });

  it('lets a turn wait for a person: nothing is committed, its permit is free', async () => {
    const wait = new Suspension('call', { tool: 'order', args: {} });
    const { pipeline, row, freed, told, inHand } = aPipeline(() => Promise.reject(wait));

    await pipeline.run(job);

    expect([row.suspended, row.committed, row.released]).toEqual([[wait], [], 0]);
    // The sender looks at the row, and shows what is asked.
    expect(told).toMatchObject([{ kind: 'end' }]);
    expect(freed).toEqual(['model:1']);
    expect(inHand.ids).toEqual([]);
  });

  it('does nothing for a turn that somebody living has', async () => {
    const { pipeline, row, told, inHand } = aPipeline();
    row.claimed = null;

    await pipeline.run(job);

    expect([...row.committed, ...told]).toEqual([]);
    expect(inHand.ids).toEqual([]);
  });

  it('late: accepts that its commit is refused after a takeover', async () => {
    const { pipeline, row, logger } = aPipeline();
    row.isOurs = false;

    await pipeline.run(job);

    expect(row.committed).toEqual([]);
    expect(logger.messages).toContain('turn was taken over');
  });

  it('late: keeps a paid answer until the database is back', async () => {
    const { pipeline, row, clock } = aPipeline();
    row.failures = 3;
    const run = pipeline.run(job);

    await clock.pass(10_000);
    await run;

    expect(row.committed).toEqual([ending]);
  });

  it('gives the turn back at shutdown, with a job under its new name', async () => {
    const { pipeline, row, inHand, generation } = aPipeline(endless);
    const run = pipeline.run(job);
    await settled();

    inHand.interruptAll('shutdown');
    await run;

    expect(row.released).toBe(1);
    expect(generation.jobIds).toEqual([`${job.turnId}-7`]);
    expect(row.committed).toEqual([]);
  });

  it('adds no job at shutdown for a turn that was taken over meanwhile', async () => {
    const { pipeline, row, inHand, generation } = aPipeline(endless);
    row.isOurs = false;
    const run = pipeline.run(job);
    await settled();

    inHand.interruptAll('shutdown');
    await run;

    expect(generation.jobs).toEqual([]);
  });

  it('lets go of a turn that it lost, without touching it', async () => {
    const { pipeline, row, inHand, generation, told } = aPipeline(endless);
    const run = pipeline.run(job);
    await settled();

    inHand.interrupt(job.turnId, 'lost');
    await run;

    expect([row.released, row.committed, generation.jobs, told]).toEqual([0, [], [], []]);
  });

  it('P4 lets go of a turn when a bug stops it, so that no living owner keeps it without a job', async () => {
    const { pipeline, row, inHand } = aPipeline(() => Promise.reject(new TypeError('bug')));

    await expect(pipeline.run(job)).rejects.toThrow('bug');

    expect(row.released).toBe(1);
    expect(inHand.ids).toEqual([]);
  });

  it('passes an interruption on as what it was', async () => {
    const reasons: unknown[] = [];
    const { pipeline, inHand } = aPipeline((_turn, signal) =>
      endless(turn, signal).catch((error: unknown) => {
        reasons.push(error instanceof Interruption && error.reason);
        return ending;
      }),
    );
    const run = pipeline.run(job);
    await settled();

    inHand.interrupt(job.turnId, 'cancelled');
    await run;

    expect(reasons).toEqual(['cancelled']);
  });
});
