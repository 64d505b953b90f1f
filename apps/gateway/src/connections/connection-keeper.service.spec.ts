import { Secret } from '@common/config';
import type { ConnectionReport } from '@common/domain';
import { anId, eventually, ManualClock, RecordingLogger, standIn } from '@common/testing';

import type { ChannelRosterRepository, RosterChannel } from '../channels/channel-roster.repository';
import type { GatewayConfig } from '../gateway.config';
import type { IntakePipeline } from '../intake/intake.pipeline';
import type { ConnectionBoard } from './connection-board.service';
import { ConnectionKeeper } from './connection-keeper.service';

const aChannel = (word: string, overrides: Partial<RosterChannel> = {}): RosterChannel => ({
  id: anId(word),
  tenantId: anId('tenant'),
  clientId: word,
  clientSecret: new Secret('s'),
  scope: 'person',
  connectionKey: `${word} 1`,
  ...overrides,
});

const running: ConnectionKeeper[] = [];
afterEach(() => Promise.all(running.splice(0).map((keeper) => keeper.stop())));

/** Streams really try to open, against a port where nobody listens: the board shows which channels have one. */
function aKeeper(enabled: () => Promise<RosterChannel[]>) {
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const board = { shown: new Set<string>(), posts: [] as string[], kept: [] as string[][] };
  const keeper = new ConnectionKeeper(
    standIn<GatewayConfig>({ DINGTALK_API_URL: 'http://127.0.0.1:1', GATEWAY_PING_MS: 10_000 }),
    standIn<ChannelRosterRepository>({ enabled }),
    standIn<IntakePipeline>({}),
    standIn<ConnectionBoard>({
      post: ({ id }: { id: string }, { state }: ConnectionReport) => {
        board.shown.add(id);
        board.posts.push(`${id} ${state}`);
      },
      remove: (id) => board.shown.delete(id),
      keepOnly: (ids) => {
        board.kept.push([...ids]);
        return Promise.resolve();
      },
    }),
    clock,
    logger,
  );
  running.push(keeper);
  return { keeper, clock, logger, board };
}

describe('ConnectionKeeper', () => {
  it('opens a connection per enabled channel and closes those of channels that are gone', async () => {
    let list = [aChannel('a'), aChannel('b')];
    const { keeper, clock, board } = aKeeper(() => Promise.resolve(list));
    keeper.start();
    await eventually(() => board.shown.size === 2);

    list = [aChannel('b')];
    await clock.pass(15_000);
    await eventually(() => !board.shown.has(anId('a')));

    expect([...board.shown]).toEqual([anId('b')]);
    expect(board.kept.at(-1)).toEqual([anId('b')]);
    await keeper.stop();
    expect(board.shown.size).toBe(0);
  });

  it('leaves a connection alone whose channel changed in other ways', async () => {
    let list = [aChannel('a')];
    const { keeper, clock, board } = aKeeper(() => Promise.resolve(list));
    keeper.start();
    await eventually(() => board.posts.length > 0);
    const removed: string[] = [];
    board.shown.delete = (id) => removed.push(id) > 0;

    list = [aChannel('a', { scope: 'group' })];
    await clock.pass(15_000);
    expect(removed).toEqual([]);
    list = [aChannel('a', { connectionKey: 'a 2' })];
    await clock.pass(15_000);
    await eventually(() => removed.length > 0);

    expect(removed).toEqual([anId('a')]);
  });

  it('P11 keeps what is connected while the list cannot be read', async () => {
    let isAway = false;
    const { keeper, clock, board, logger } = aKeeper(() =>
      isAway ? Promise.reject(new Error('gone')) : Promise.resolve([aChannel('a')]),
    );
    keeper.start();
    await eventually(() => board.shown.size === 1);

    isAway = true;
    await clock.pass(60_000);

    expect(logger.messages).toContain('channel list not read');
    expect(board.shown.size).toBe(1);
  });

  it('looks at the list at once on news', async () => {
    let list: RosterChannel[] = [];
    const { keeper, clock, board } = aKeeper(() => Promise.resolve(list));
    keeper.start();
    await clock.pass(100);

    list = [aChannel('a')];
    keeper.reconcileSoon();

    await eventually(() => board.shown.size === 1);
  });

  it('opens a restarted channel anew, and one it does not know with the next look', async () => {
    let looks = 0;
    const { keeper, clock, board } = aKeeper(() => {
      looks += 1;
      return Promise.resolve([aChannel('a')]);
    });
    keeper.start();
    await eventually(() => board.shown.size === 1);
    const openings = () => board.posts.filter((post) => post.endsWith(' connecting')).length;
    const before = openings();

    await keeper.restart(anId('a'));
    await eventually(() => openings() > before);
    await keeper.restart(anId('unknown'));
    await clock.pass(1);

    expect(looks).toBe(2);
  });

  it('opens nothing any more once it was stopped', async () => {
    let answer: (list: RosterChannel[]) => void = () => undefined;
    const { keeper, board } = aKeeper(() => new Promise((resolve) => (answer = resolve)));
    keeper.start();
    const stopped = keeper.stop();

    answer([aChannel('a')]);
    await stopped;

    expect(board.posts).toEqual([]);
  });
});
