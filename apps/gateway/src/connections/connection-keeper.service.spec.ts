import { Metrics } from '@common/bootstrap';
import { EndpointRoutes } from '@common/dingtalk';
import { OutboundGuard } from '@common/outbound';
import { Secret } from '@common/config';
import type { ConnectionReport } from '@common/domain';
import { anId, eventually, ManualClock, RecordingLogger, standIn } from '@common/testing';

import type { RosterChannel } from '../channels/channel-roster.repository';
import type { GatewayConfig } from '../gateway.config';
import type { IntakePipeline } from '../intake/intake.pipeline';
import type { ConnectionBoard } from './connection-board.service';
import { StreamMetrics } from './stream-metrics.service';
import { ConnectionKeeper } from './connection-keeper.service';

const aChannel = (word: string, overrides: Partial<RosterChannel> = {}): RosterChannel => ({
  id: anId(word),
  tenantId: anId('tenant'),
  clientId: word,
  clientSecret: new Secret('s'),
  endpoint: null,
  scope: 'person',
  connections: 1,
  connectionKey: `${word} 1`,
  previousKey: null,
  ...overrides,
});

const running: ConnectionKeeper[] = [];
afterEach(() => Promise.all(running.splice(0).map((keeper) => keeper.stop())));

/** Streams really try to open, against a port where nobody listens: the board shows which channels have one. */
function aKeeper() {
  const board = { shown: new Set<string>(), posts: [] as string[] };
  const keeper = new ConnectionKeeper(
    standIn<GatewayConfig>({ DINGTALK_API_URL: 'http://127.0.0.1:1', GATEWAY_PING_MS: 10_000 }),
    standIn<IntakePipeline>({}),
    standIn<ConnectionBoard>({
      post: ({ id }: { id: string }, { state }: ConnectionReport) => {
        board.shown.add(id);
        board.posts.push(`${id} ${state}`);
      },
      remove: (id) => board.shown.delete(id),
    }),
    new EndpointRoutes(new OutboundGuard()),
    new StreamMetrics(new Metrics('spec')),
    new RecordingLogger(),
    // It stands: nobody tries again before the spec has looked.
    new ManualClock(),
  );
  running.push(keeper);
  const changes: string[] = [];
  keeper.start(
    (id) => changes.push(id),
    () => Promise.resolve(),
  );
  return { keeper, board, changes };
}
const openings = (posts: readonly string[]): number =>
  posts.filter((post) => post.endsWith(' connecting')).length;

describe('ConnectionKeeper', () => {
  it('opens a channel once, says what becomes of it, and closes it', async () => {
    const { keeper, board, changes } = aKeeper();

    keeper.open(aChannel('a'));
    keeper.open(aChannel('a'));
    await eventually(() => keeper.reportOf(anId('a'))?.state === 'disconnected');
    expect(openings(board.posts)).toBe(1);
    expect(changes).toContain(anId('a'));
    await keeper.close(anId('a'));

    expect(keeper.reportOf(anId('a'))).toBeUndefined();
    expect(keeper.channelIds).toEqual([]);
    expect(board.shown.size).toBe(0);
  });

  it('does not open a channel again before its old stream is gone, and says when that is', async () => {
    const { keeper, board, changes } = aKeeper();
    keeper.open(aChannel('a'));
    await eventually(() => keeper.reportOf(anId('a'))?.state === 'disconnected');

    const closed = keeper.close(anId('a'));
    keeper.open(aChannel('a'));
    expect(keeper.channelIds).toEqual([]);
    changes.length = 0;
    await closed;
    expect(changes.at(-1)).toBe(anId('a'));
    keeper.open(aChannel('a'));

    expect(openings(board.posts)).toBe(2);
  });

  it('leaves a connection alone whose channel changed in other ways', async () => {
    const { keeper } = aKeeper();
    keeper.open(aChannel('a'));

    expect(keeper.renew(aChannel('a', { scope: 'group' }))).toBe(false);
    expect(keeper.channelIds).toEqual([anId('a')]);
    expect(keeper.renew(aChannel('a', { connectionKey: 'a 2' }))).toBe(true);
    expect(keeper.channelIds).toEqual([]);
    await keeper.close(anId('a'));
    expect(keeper.renew(aChannel('a'))).toBe(false);
  });

  it('opens nothing any more once it was stopped', async () => {
    const { keeper, board } = aKeeper();
    keeper.open(aChannel('a'));
    await keeper.stop();
    const posts = board.posts.length;

    keeper.open(aChannel('b'));

    expect(board.posts).toHaveLength(posts);
    expect(board.shown.size).toBe(0);
  });
});
