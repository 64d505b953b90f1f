import { memberMapping } from '@common/domain';
import { type Database, DatabaseUnavailableError, type Tx } from '@common/persistence';
import { anId, RecordingLogger, settled, standIn } from '@common/testing';

import { aLaneEvent } from './lane-event.fixture';
import type { MemberResolver } from '../mapping/member-resolver.service';
import type { PlainReplies } from './plain-replies.service';
import type { ThreadLaneRepository } from './thread-lane.repository';
import { ThreadLane } from './thread-lane.service';

const tx = standIn<Tx>({});
const TENANT = anId('tenant');
const nothingWaits = { event: null };

function aLane(rows: Partial<ThreadLaneRepository>) {
  const logger = new RecordingLogger();
  const blamed: string[] = [];
  const told: string[] = [];
  const lane = new ThreadLane(
    standIn<Database>({ inTenant: (_tenantId, work) => work(tx) }),
    standIn<ThreadLaneRepository>({
      next: () => Promise.resolve(nothingWaits),
      blame: (_tx, _tenantId, _threadId, cause) => {
        blamed.push(cause);
        return Promise.resolve(false);
      },
      ...rows,
    }),
    standIn<MemberResolver>({ resolve: () => Promise.resolve(anId('member')) }),
    standIn<PlainReplies>({
      reply: (event, cause, text) => {
        told.push(`${event.id} ${cause}: ${text}`);
        return Promise.resolve({});
      },
    }),
    logger,
  );
  return { lane, blamed, told, logger };
}
const job = () => ({ tenantId: TENANT, threadId: anId('thread'), eventId: anId('1') });
const nothing = (): Promise<void> => Promise.resolve();

describe('ThreadLane', () => {
  it('runs each effect before it looks for the next event', async () => {
    const waiting = [aLaneEvent({ id: anId('1'), hasMore: true }), aLaneEvent({ id: anId('2') })];
    let looks = 0;
    const { lane } = aLane({
      next: () => {
        looks += 1;
        return Promise.resolve({ event: waiting[0] ?? null });
      },
    });
    const seen: string[] = [];

    await lane.drain(
      job(),
      (event) => {
        seen.push(`effect of ${event.id}`);
        waiting.shift();
        return Promise.resolve(event.id);
      },
      (id) => {
        seen.push(`after ${id}`);
        return Promise.resolve();
      },
    );

    expect(seen).toEqual(['1', '2'].flatMap((n) => [`effect of ${anId(n)}`, `after ${anId(n)}`]));
    // An event that nobody waits behind is the last: no further transaction to find nothing.
    expect(looks).toBe(2);
  });

  it('holds one worker for a flood: a second job of the thread ends at once, and its event is not forgotten', async () => {
    const waiting = [aLaneEvent({ id: anId('1') })];
    let looks = 0;
    const { lane } = aLane({
      next: () => {
        looks += 1;
        return Promise.resolve({ event: waiting[0] ?? null });
      },
    });
    let goOn: () => void = () => undefined;
    const first = lane.drain(
      job(),
      () => new Promise<void>((resolve) => (goOn = resolve)),
      () => {
        waiting.shift();
        return Promise.resolve();
      },
    );
    await settled();

    await lane.drain(job(), nothing, nothing);
    goOn();
    await first;

    // The event, and one more look for the second job.
    expect(looks).toBe(2);
    await lane.drain(job(), nothing, nothing);
    expect(looks).toBe(3);
  });

  it('makes the thread of its first event, with the person as its member', async () => {
    const made: unknown[] = [];
    const { lane } = aLane({
      next: () => Promise.resolve(made.length > 0 ? nothingWaits : null),
      founder: () =>
        Promise.resolve({
          channelId: anId('channel'),
          mapping: memberMapping.parse({}),
          scope: 'person',
          message: aLaneEvent().message,
        }),
      create: (_tx, thread) => {
        made.push(thread);
        return Promise.resolve();
      },
      learnOrganization: (_tx, _tenantId, _channelId, corpId) => {
        made.push(corpId);
        return Promise.resolve();
      },
    });

    await lane.drain(job(), nothing, nothing);

    expect(made).toMatchObject([
      { threadId: anId('thread'), memberId: anId('member') },
      aLaneEvent().message.corpId,
    ]);
  });

  it('makes a thread that a group shares without a member', async () => {
    const made: unknown[] = [];
    const { lane } = aLane({
      next: () => Promise.resolve(made.length > 0 ? nothingWaits : null),
      founder: () =>
        Promise.resolve({
          channelId: anId('channel'),
          mapping: memberMapping.parse({}),
          scope: 'group',
          message: aLaneEvent().message,
        }),
      create: (_tx, thread) => {
        made.push(thread);
        return Promise.resolve();
      },
      learnOrganization: () => Promise.resolve(),
    });

    await lane.drain(job(), nothing, nothing);

    expect(made).toMatchObject([{ memberId: null }]);
  });

  it('P10 counts a failure against the event, and lets the queue try again', async () => {
    const { lane, blamed } = aLane({ next: () => Promise.resolve({ event: aLaneEvent() }) });
    const failing = (): Promise<void> => Promise.reject(new TypeError('bug'));

    await expect(lane.drain(job(), failing, nothing)).rejects.toThrow('bug');
    expect(blamed).toEqual(['internal_error']);
  });

  it('P4 tells the asker when an event is set aside', async () => {
    const event = aLaneEvent();
    const { lane, told } = aLane({
      next: () => Promise.resolve({ event }),
      blame: () => Promise.resolve(true),
    });
    const failing = (): Promise<void> => Promise.reject(new TypeError('bug'));

    await expect(lane.drain(job(), failing, nothing)).rejects.toThrow('bug');
    expect(told).toEqual([expect.stringContaining(`${event.id} quarantined: `)]);
  });

  it('late: blames no event while the database is away', async () => {
    const { lane, blamed } = aLane({
      next: () => Promise.reject(new DatabaseUnavailableError(new Error('gone'))),
    });

    await expect(lane.drain(job(), nothing, nothing)).rejects.toThrow(DatabaseUnavailableError);
    expect(blamed).toEqual([]);
  });
});
