import { ServiceLife } from '@common/bootstrap';

import { LiveFeed } from '../src/events/live-feed.service';
import { LiveWatch } from '../src/events/live-watch.service';
import { RunningAdminApi } from './admin-api.fixture';
import { aConversation, aTurn, type Conversation } from './conversation.fixture';
import { EventStream, type Heard, type ListenOptions } from './event-stream.fixture';

describe('live events', () => {
  let api: RunningAdminApi;
  let where: Conversation;
  const streams: EventStream[] = [];

  beforeAll(async () => {
    api = await RunningAdminApi.start();
    await api.queuesReachable();
    where = await aConversation(api);
  });
  afterEach(() => {
    for (const stream of streams.splice(0)) stream.leave();
  });
  afterAll(() => api.stop());

  const listen = async (options?: ListenOptions): Promise<EventStream> => {
    const stream = await EventStream.open(api, options);
    streams.push(stream);
    return stream;
  };
  const ready = ({ event }: Heard) => event === 'ready';
  /** A turn with a checkpoint, as the dispatcher leaves one. */
  const turn = async (there: Conversation = where): Promise<string> => {
    const id = await aTurn(api, there, { state: 'queued' });
    await api.sql(`INSERT INTO turn_step (tenant_id, turn_id, step) VALUES ($1, $2, 'queued')`, [
      there.tenantId,
      id,
    ]);
    return id;
  };
  const ofTurn =
    (id: string) =>
    ({ event, data }: Heard) =>
      event === 'turn' && data.turnId === id;

  it('tell of turns, channels and queues as they change', async () => {
    const stream = await listen();
    await stream.until(ready);

    const id = await turn();
    expect(await stream.until(ofTurn(id))).toMatchObject({
      data: { channelId: where.channelId, state: 'queued', attempt: 0 },
    });
    await api.post(`/channels/${where.channelId}/disable`);
    const disabled = ({ event, data }: Heard) => event === 'channel' && data.state === 'disabled';
    expect((await stream.until(disabled)).data).toMatchObject({ channelId: where.channelId });
    await api.post('/queues/inbound/pause');
    await stream.until(({ event, data }) => event === 'queue' && data.paused === true);
    await api.post('/queues/inbound/resume');
    await api.post(`/channels/${where.channelId}/enable`);
    const ids = stream.heard.map((one) => BigInt(String(one.id)));
    expect(ids).toEqual(ids.toSorted((a, b) => (a < b ? -1 : 1)));
  });

  it('go on where they were left, without a gap and without another tenant’s', async () => {
    const first = await listen({ query: '?types=turn' });
    const { id: lastId } = await first.until(ready);
    // Somebody else listens meanwhile, so that the log goes on.
    const other = await listen();
    await other.until(ready);
    first.leave();
    const tenant = await api.created('/tenants', { name: 'O', slug: `o-${Date.now()}` });
    const theirs = await turn(await aConversation(api, { tenant: tenant.id }));
    const missed = [await turn(), await turn()];
    await other.until(ofTurn(String(missed[1])));

    const again = await listen({ query: '?types=turn&for=0', lastId });
    const heard = await again.ended();
    const turns = heard.filter(({ event }) => event === 'turn').map(({ data }) => data.turnId);
    expect(turns).toEqual(missed);
    expect(JSON.stringify([...heard, ...other.heard])).not.toContain(theirs);
    const strangers = await listen({ query: '?types=turn&for=0', lastId, tenant: tenant.id });
    expect(JSON.stringify(await strangers.ended())).toContain(theirs);
  });

  it.each([
    ['an id of nobody', () => 'x'],
    ['an id that is yet to come', () => '999999999999'],
    ['an id of before nobody listened', () => '0'],
  ])('say resync for %s', async (_, lastId) => {
    const stream = await listen({ query: '?for=0', lastId: lastId() });
    expect((await stream.ended()).map(({ event }) => event)).toEqual(['resync', 'ready']);
  });

  it('say resync to whoever missed too much, and after nobody watched', async () => {
    const stream = await listen();
    const { id: lastId } = await stream.until(ready);
    await api.sql(
      `INSERT INTO live_event (tenant_id, type, data) SELECT $1, 'turn', '{}' FROM generate_series(1, 1001)`,
      [where.tenantId],
    );
    const tooMuch = await (await listen({ query: '?for=0', lastId })).ended();
    expect(tooMuch[0]?.event).toBe('resync');

    const before = await (await listen({ query: '?for=0' })).ended();
    await api.sql(`UPDATE live_watch SET ran_at = now() - interval '1 minute'`);
    const after = await (await listen({ query: '?for=0', lastId: before[0]?.id })).ended();
    expect(after[0]?.event).toBe('resync');
  });

  it('are of the kinds and channels that were asked for', async () => {
    const elsewhere = await aConversation(api);
    const stream = await listen({ query: `?types=turn&channelIds=${elsewhere.channelId}` });
    const all = await listen();
    await Promise.all([stream.until(ready), all.until(ready)]);

    const [here, there] = [await turn(), await turn(elsewhere)];
    await Promise.all([stream.until(ofTurn(there)), all.until(ofTurn(here))]);
    expect(stream.heard.filter(({ event }) => event !== 'ready').map(({ data }) => data)).toEqual([
      expect.objectContaining({ turnId: there }),
    ]);
    expect((await api.get('/events?types=weather')).status).toBe(400);
  });

  it('are written once, however many replicas watch', async () => {
    const stream = await listen();
    await stream.until(ready);
    const watches = Array.from({ length: 5 }, () => api.use(LiveWatch).look());
    const id = await turn();
    await stream.until(ofTurn(id));
    await Promise.all([...watches, api.use(LiveWatch).look()]);

    const rows = await api.sql(`SELECT id FROM live_event WHERE data ->> 'turnId' = $1`, [id]);
    expect(rows).toHaveLength(1);
  });

  it('reach 200 listeners with one reader; who leaves is forgotten', async () => {
    const feed = api.use(LiveFeed);
    const many = await Promise.all(Array.from({ length: 200 }, () => listen()));
    await Promise.all(many.map((stream) => stream.until(ready)));
    expect(feed.size).toBeGreaterThanOrEqual(200);

    const id = await turn();
    await Promise.all(many.map((stream) => stream.until(ofTurn(id))));
    for (const stream of many) stream.leave();
    while (feed.size > 0) await new Promise(setImmediate);
  });

  it('end when the service stops, so that nobody holds it up', async () => {
    const other = await RunningAdminApi.start();
    const stream = await EventStream.open(other);
    await stream.until(ready);
    await other.use(ServiceLife as never as { prototype: ServiceLife }).stopIntake();
    await stream.ended();
    await other.stop();
  });
});
