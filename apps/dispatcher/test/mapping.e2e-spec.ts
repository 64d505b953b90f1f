import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';

import type { InboundMessage } from '@common/domain';
import { newId } from '@common/kernel';
import { migrate } from '@common/persistence';
import { aSender, OwnStores, Rows } from '@common/testing';

import { SpecDispatcher, specSecrets } from './dispatcher.fixture';
import { Talker } from './talker.fixture';

/** The directory of the platform and the enterprise's own service, in one server. */
class Outside {
  readonly asked: { path: string; body: Record<string, unknown>; headers: unknown }[] = [];
  answers: Record<string, { status?: number; body?: unknown; hangs?: boolean }> = {};

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Outside> {
    const server = createServer();
    const outside = new Outside(server);
    server.on('request', (request, response) => {
      const path = String(request.url).split('?')[0] ?? '';
      void textOf(request).then((body) => {
        outside.asked.push({ path, body: JSON.parse(body), headers: request.headers });
        if (path.includes('accessToken'))
          return response.end(JSON.stringify({ accessToken: 'token', expireIn: 7_200 }));
        const answer = outside.answers[path] ?? { status: 500 };
        if (answer.hangs) return;
        response.statusCode = answer.status ?? 200;
        return response.end(JSON.stringify(answer.body ?? {}));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return outside;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  calls(path: string) {
    return this.asked.filter((one) => one.path === path);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

const USER = '/topapi/v2/user/get';
let stores: OwnStores;
let rows: Rows;
let dispatcher: SpecDispatcher;
let outside: Outside;

beforeAll(async () => {
  stores = await OwnStores.open(process.env);
  await migrate(stores.databaseUrl);
  rows = new Rows(stores);
});
afterAll(() => stores.close());
beforeEach(async () => {
  outside = await Outside.start();
  dispatcher = await SpecDispatcher.on(stores, { platformUrl: outside.url });
});
afterEach(async () => {
  await dispatcher.close();
  await outside.stop();
});

const aChannel = async (mapping: object): Promise<string> => {
  const id = await rows.aChannel({ clientSecret: specSecrets.seal('the secret') });
  await stores.sql('UPDATE channel SET member_mapping = $2 WHERE id = $1', [
    ...[id, JSON.stringify(mapping)],
  ]);
  return id;
};
const somebody = (channelId: string, seat = {}): Talker =>
  new Talker({ stores, rows, dispatcher }, channelId, seat);
const memberOf = async (turnId: string | null) =>
  (await stores.one<{ member_id: string }>('SELECT member_id FROM turn WHERE id = $1', [turnId]))
    .member_id;
const member = (id: string) =>
  stores.one('SELECT name, attributes FROM member WHERE id = $1', [id]);
const directory = (result: object) => {
  outside.answers[USER] = { body: { errcode: 0, errmsg: 'ok', result } };
};

describe('by e-mail or mobile number', () => {
  it('is one member in every bot, whatever the staff id, and is looked up once', async () => {
    directory({ name: 'Ada', email: 'Ada@Example.com', dept_id_list: [7], mobile: '1380' });
    const [one, two] = [await aChannel({ mode: 'email' }), await aChannel({ mode: 'email' })];
    const first = somebody(one);

    const members = [];
    for (const who of [first, first, somebody(two)])
      members.push(await memberOf((await who.say('hello')).turnId));

    expect(new Set(members).size).toBe(1);
    expect(await member(String(members[0]))).toEqual({
      name: 'Ada',
      attributes: { email: 'ada@example.com', departments: ['7'] },
    });
    expect(outside.calls(USER)).toHaveLength(2);
  });

  it('names the permission that is missing, once a minute, and asks no model', async () => {
    outside.answers[USER] = { body: { errcode: 60011, errmsg: 'no privilege' } };
    const person = somebody(await aChannel({ mode: 'mobile' }));

    const [one, two] = [await person.say('hello'), await person.say('hello?')];

    expect(one).toMatchObject({
      cause: 'lookUpNotPermitted',
      said: expect.stringContaining('lacks the permission qyapi_get_member') as string,
    });
    expect(two).toMatchObject({ cause: 'lookUpNotPermitted', said: '' });
    expect(outside.calls(USER)).toHaveLength(1);
    expect(dispatcher.generation.jobs).toEqual([]);
  });

  it('says that it did not work while the directory is away, and works when it is back', async () => {
    const person = somebody(await aChannel({ mode: 'email' }));
    expect((await person.say('hello')).cause).toBe('lookUpFailed');
    directory({ name: 'Ada', email: 'back@example.com' });
    await stores.sql(`UPDATE member_mapping SET checked_at = now() - interval '61 seconds'`);
    expect((await person.say('hello')).cause).toBe('question');
  });

  it('cannot know people from outside, who stay themselves', async () => {
    const outsider: Partial<InboundMessage> = { sender: aSender({ staffId: null }) };
    const person = somebody(await aChannel({ mode: 'email' }));
    expect((await person.say('hello', outsider)).cause).toBe('question');
    expect(outside.calls(USER)).toEqual([]);
  });
});

describe('by the enterprise’s own service', () => {
  const hook = (more = {}) => ({ mode: 'http', hook: { url: `${outside.url}/who`, ...more } });

  it('is whom it names, with departments that access rules read; asked once while it holds', async () => {
    outside.answers['/who'] = { body: { id: 'E7', name: 'Ada L.', departments: ['d1'] } };
    const channelId = await aChannel(hook());
    await stores.sql(
      `UPDATE channel SET access = '{"allow":{"departments":["d1"]}}' WHERE id = $1`,
      [channelId],
    );
    const person = somebody(channelId);

    const { turnId } = await person.say('hello');
    await person.say('hello again');

    expect(await member(await memberOf(turnId))).toMatchObject({
      name: 'Ada L.',
      attributes: { externalId: 'E7', departments: ['d1'] },
    });
    const [call, ...more] = outside.calls('/who');
    expect(more).toEqual([]);
    expect(call?.body).toMatchObject({ staffId: person.staffId, channelId });
    const { timestamp, sign } = call?.headers as Record<string, string>;
    expect(sign).toBe(
      createHmac('sha256', 'the secret')
        .update(`${timestamp}\n${JSON.stringify(call?.body)}`)
        .digest('base64'),
    );
  });

  it('is nobody where it says so, is slow, or answers nonsense', async () => {
    for (const [answer, cause] of [
      [{ status: 404 }, 'memberUnknown'],
      [{ hangs: true }, 'lookUpFailed'],
      [{ body: { name: 'no id' } }, 'lookUpFailed'],
    ] as const) {
      outside.answers['/who'] = answer;
      const person = somebody(await aChannel(hook({ timeoutMs: 200 })));
      expect((await person.say('hello')).cause).toBe(cause);
      expect(await person.turns()).toEqual([]);
    }
  });

  it('that hangs keeps a quarter of the workers, and the others for the others', async () => {
    outside.answers['/who'] = { hangs: true };
    const channelId = await aChannel(hook({ timeoutMs: 1_000 }));
    const events: string[] = [];
    for (let n = 0; n < 4; n += 1) events.push(await somebody(channelId).write('hello'));
    const waiting = events.map((event) =>
      dispatcher.run(event).then(
        () => 'refused',
        (error: { code: string }) => error.code,
      ),
    );
    expect(await Promise.race(waiting)).toBe('channel_busy');
    const other = somebody(await rows.aChannel());
    expect((await other.say('hello')).cause).toBe('question');
    expect((await Promise.all(waiting)).sort()).toEqual([
      'channel_busy',
      ...['refused', 'refused', 'refused'],
    ]);
  });

  it('never leads into our own network', async () => {
    const url = 'http://169.254.169.254/who';
    const person = somebody(await aChannel({ mode: 'http', hook: { url } }));
    expect((await person.say('hello')).cause).toBe('lookUpFailed');
  });
});

it('makes everybody one member where the channel is fixed, each with an own context', async () => {
  const channelId = await aChannel({ mode: 'fixed' });
  const [one, two] = [somebody(channelId), somebody(channelId)];
  const [first, second] = [await one.say('hello'), await two.say('hello')];
  expect(await memberOf(first.turnId)).toBe(await memberOf(second.turnId));
  expect((await one.turns()).length).toBe(1);
  const named = newId();
  await stores.sql(`INSERT INTO member (id, tenant_id, name) VALUES ($1, $2, 'Desk')`, [
    ...[named, rows.tenantId],
  ]);
  const third = await somebody(await aChannel({ mode: 'fixed', memberId: named })).say('hello');
  expect(await memberOf(third.turnId)).toBe(named);
});

it('answers only people it knows where members are not made by themselves', async () => {
  const known = somebody(await rows.aChannel());
  await known.say('hello');
  const closed = await aChannel({ mode: 'staff_id', autoCreate: false });

  expect((await somebody(closed).say('hello')).cause).toBe('memberUnknown');
  const again = await somebody(closed, { staffId: known.staffId }).say('hello');
  expect(await memberOf(again.turnId)).toBe(await known.memberId());
});

it('P3 lets nobody’s look-up hold up the others of a shared thread', async () => {
  outside.answers['/who'] = { body: { id: 'E8' } };
  const channelId = await aChannel({ mode: 'http', hook: { url: `${outside.url}/who` } });
  await stores.sql(`UPDATE channel SET session = '{"scope":"group"}' WHERE id = $1`, [channelId]);
  const seat = { group: 'cid-g', shared: true };
  const [one, two] = [somebody(channelId, seat), somebody(channelId, seat)];
  const events = [await one.write('first'), await two.write('second'), await one.write('third')];

  await Promise.all(events.map((event) => dispatcher.run(event)));
  for (const event of events) await dispatcher.run(event);

  expect((await one.turns()).map(({ words }) => words)).toEqual(['first', 'second', 'third']);
});
