import { newId } from '@common/kernel';
import { migrate } from '@common/persistence';
import { OwnStores, Rows } from '@common/testing';

import { SpecDispatcher } from './dispatcher.fixture';
import { Talker } from './talker.fixture';

let stores: OwnStores;
let rows: Rows;
let dispatcher: SpecDispatcher;
let channelId: string;

beforeAll(async () => {
  stores = await OwnStores.open(process.env);
  await migrate(stores.databaseUrl);
  rows = new Rows(stores);
});
afterAll(() => stores.close());
beforeEach(async () => {
  dispatcher = await SpecDispatcher.on(stores);
  channelId = await rows.aChannel();
});
afterEach(() => dispatcher.close());

const somebody = (seat = {}): Talker => new Talker({ stores, rows, dispatcher }, channelId, seat);
const anAgent = async (name: string): Promise<string> => {
  const id = newId();
  await stores.sql('INSERT INTO agent (id, tenant_id, name) VALUES ($1, $2, $3)', [
    ...[id, rows.tenantId, name],
  ]);
  await stores.sql(
    `INSERT INTO agent_version (id, tenant_id, agent_id, version, kind) VALUES ($1, $2, $1, 1, 'demo')`,
    [id, rows.tenantId],
  );
  await stores.sql('UPDATE agent SET current_version_id = $1 WHERE id = $1', [id]);
  return id;
};
const aModel = async (name: string): Promise<string> => {
  const id = newId();
  await stores.sql(
    `INSERT INTO model (id, tenant_id, name, provider) VALUES ($1, $2, $3, 'demo')`,
    [id, rows.tenantId, name],
  );
  return id;
};
const turn = (id: string | null) => stores.one('SELECT * FROM turn WHERE id = $1', [id]);

/** Every command in both languages, with arguments that make no sense: one helpful sentence each. */
const cases: [string, string, RegExp, RegExp][] = [
  ['/help', '/帮助', /`\/new/, /`\/new/],
  ['/new', '/新对话', /new conversation/, /新的对话/],
  ['/sessions', '/会话', /no conversation here/, /还没有对话/],
  ['/switch', '/切换', /by number or name/, /编号或名称/],
  ['/switch 99', '/切换 99', /by number or name/, /编号或名称/],
  ['/rename', '/重命名', /write the new name/, /写上新名称/],
  [`/rename ${'x'.repeat(61)}`, `/改名 ${'长'.repeat(61)}`, /60 characters/, /60 个字/],
  ['/agents nobody', '/智能体 nobody', /no “nobody”/, /没有“nobody”/],
  ['/agents 99', '/智能体 99', /no “99”/, /没有“99”/],
  ['/models 99', '/模型 99', /no “99”/, /没有“99”/],
  ['/status', '/状态', /bot: Carillon/, /机器人：Carillon/],
  ['/stop', '/停止', /no answer under way/, /没有正在进行/],
  ['/retry', '/重试', /no question to answer/, /还没有可以重新回答/],
  ['/memory', '/记忆', /remember nothing/, /没有记住/],
  ['/memory forget x', '/记忆 忘记 x', /forget n/, /forget 编号/],
  ['/lang klingon', '/语言 火星文', /`\/lang zh`/, /`\/lang zh`/],
  ['/feedback', '/反馈', /what you think/, /写上您的意见/],
];

describe.each(['direct chat', 'group'])('every command in a %s', (where) => {
  const seat = (n: number) => (where === 'group' ? { group: `cid-group-${n}` } : {});

  it.each(cases)('%s and %s', async (english, chinese, inEnglish, inChinese) => {
    await anAgent('Only');
    await aModel('Only');
    const person = somebody(seat(1));
    const other = somebody(seat(1));
    await other.say('/lang zh');

    const [one, two] = [await person.say(english), await other.say(chinese)];

    expect(one.said).toMatch(inEnglish);
    expect(two.said).toMatch(inChinese);
    expect([...(await person.turns()), ...(await other.turns())]).toEqual([]);
    expect(dispatcher.generation.jobs).toEqual([]);
  });
});

it('P2 answers a command once, beside a running turn and however often it is dispatched', async () => {
  const person = somebody();
  await person.say('a long question');
  const { eventId } = await person.say('/status');

  await Promise.all([dispatcher.run(eventId), dispatcher.run(eventId)]);

  expect(await stores.sql('SELECT id FROM delivery WHERE event_id = $1', [eventId])).toHaveLength(
    1,
  );
  expect((await person.heard(eventId)).said).toContain('running: 1');
});

describe('sessions', () => {
  it('are named, listed, switched and kept', async () => {
    const person = somebody();
    await person.say('about cats');
    await person.answered();
    await person.say('/new Dogs');
    await person.say('about dogs');
    await person.answered();
    expect((await person.say('/sessions')).said).toMatch(/2\. Dogs \(current\)\n1\. about cats/);

    expect((await person.say('/switch 1')).said).toContain('conversation 1 now: about cats');
    await person.say('/rename Cats');
    await person.say('more of cats');
    await person.answered();
    expect((await person.say('/switch dogs')).said).toContain('2 now: Dogs');
    await person.say('more of dogs');

    expect((await person.turns()).map(({ session }) => session)).toEqual([1, 2, 1, 2]);
    expect((await person.say('/sessions')).said).toContain('1. Cats');
  });

  it('P6 of one person are not those of another, of another group or of another bot', async () => {
    const person = somebody({ group: 'cid-a' });
    await person.say('my secret is tulip');
    const elsewhere = [
      somebody({ group: 'cid-a' }),
      somebody({ group: 'cid-b', staffId: person.staffId }),
      somebody({ staffId: person.staffId }),
    ];
    channelId = await rows.aChannel();
    elsewhere.push(somebody({ group: 'cid-a', staffId: person.staffId }));

    for (const other of elsewhere) {
      expect((await other.say('/sessions')).said).not.toContain('tulip');
      expect((await other.say('/switch my secret is tulip')).said).toContain('/sessions');
    }
  });

  it('say so when one was idle for too long', async () => {
    channelId = await rows.aChannel({ session: { scope: 'person', idleMinutes: 60 } });
    const person = somebody();
    await person.say('first');
    await person.answered();
    await stores.sql(`UPDATE session SET last_activity_at = '2024-12-31' WHERE thread_id = $1`, [
      person.threadId,
    ]);

    const heard = await person.say('second');

    expect(heard).toMatchObject({
      cause: 'question',
      said: expect.stringContaining('more than 1 h old') as string,
    });
    expect((await person.turns()).map(({ session }) => session)).toEqual([1, 2]);
    expect(dispatcher.delivery.jobs).toHaveLength(3);
  });
});

describe('choices', () => {
  it('hold for the person in that channel, until they are reset', async () => {
    const [alpha, beta] = [await anAgent(`Alpha ${newId()}`), await anAgent(`Beta ${newId()}`)];
    await stores.sql('UPDATE channel SET default_agent_id = $2, choices = $3 WHERE id = $1', [
      channelId,
      alpha,
      JSON.stringify({ agents: { ids: [alpha, beta] } }),
    ]);
    const [person, other] = [somebody(), somebody()];
    expect((await person.say('/agents')).said).toMatch(/1\. Alpha.* \(current\)\n2\. Beta/);

    expect((await person.say('/agents 2')).said).toMatch(/^Done: Beta/);
    const chosen = await person.say('who are you');
    const unchosen = await other.say('who are you');
    await person.answered();
    await person.say('/agents 默认');
    const reset = await person.say('and now');

    const versions = [];
    for (const { turnId } of [chosen, unchosen, reset])
      versions.push((await turn(turnId))['agent_version_id']);
    expect(versions).toEqual([beta, alpha, alpha]);
  });

  it('of a model go with the turn, and hold in a group as well', async () => {
    const model = await aModel(`Quick ${newId()}`);
    const name = (await stores.one('SELECT name FROM model WHERE id = $1', [model]))['name'];
    const person = somebody({ group: 'cid-a' });

    await person.say(`/models ${String(name)}`);

    const { turnId } = await person.say('who are you');
    expect((await turn(turnId))['model_id']).toBe(model);
    expect((await person.say('/status')).said).toContain(`model: ${String(name)}`);
  });

  it('that are gone are explained, and the default answers', async () => {
    const [agent, model] = [await anAgent('Gone'), await aModel('Gone')];
    const person = somebody();
    await person.say('/lang zh');
    await stores.sql(
      'UPDATE member_channel SET agent_id = $2, model_id = $3 WHERE member_id = $1',
      [...[await person.memberId(), agent, model]],
    );
    await stores.sql('UPDATE agent SET deleted_at = now() WHERE id = $1', [agent]);
    await stores.sql('UPDATE model SET deleted_at = now() WHERE id = $1', [model]);

    const heard = await person.say('hello');

    expect(heard.said).toMatch(/智能体已不可用[\s\S]*模型已不可用/);
    expect(await turn(heard.turnId)).toMatchObject({ agent_version_id: null, model_id: null });
    await person.answered();
    expect((await person.say('again')).said).toBe('');
  });

  it('are the administrator’s where the channel says so', async () => {
    await stores.sql(
      `UPDATE channel SET choices = '{"agents":{"allowed":false},"models":{"allowed":false}}' WHERE id = $1`,
      [channelId],
    );
    const person = somebody();
    for (const command of ['/agents', '/agents 1', '/models default'])
      expect((await person.say(command)).said).toContain('does not let people choose');
  });
});

describe('/stop', () => {
  it('stops the asker’s running turn and drops what waits behind it', async () => {
    const person = somebody();
    for (const words of ['one', 'two', 'three']) await person.say(words);

    const { said } = await person.say('/stop');

    expect(said).toBe('Stopping; 2 waiting question(s) will not be answered.');
    expect(await person.turns()).toMatchObject([
      { state: 'active', stopping: true },
      { state: 'cancelled' },
      { state: 'cancelled' },
    ]);
    expect(dispatcher.announcer.news).toEqual([
      { name: 'turn.cancel', news: { turnId: (await person.turns())[0]?.id } },
    ]);
  });

  it('of another person in a shared group stops nothing, an administrator’s does', async () => {
    channelId = await rows.aChannel({ session: { scope: 'group', idleMinutes: 60 } });
    const seat = { group: 'cid-a', shared: true };
    const [asker, other] = [somebody(seat), somebody(seat)];
    await asker.say('a long question');

    expect((await other.say('/stop')).said).toContain('no answer under way');
    expect((await asker.turns())[0]).toMatchObject({ stopping: false });
    await stores.sql(`UPDATE member SET role = 'admin' WHERE id = $1`, [await other.memberId()]);
    expect((await other.say('/stop')).said).toBe('Stopping.');
    expect((await asker.turns())[0]).toMatchObject({ stopping: true });
  });
});

describe('/retry', () => {
  it('asks the last question again, and its answer is the reply', async () => {
    const person = somebody();
    const first = await person.say('what time is it');
    expect((await person.say('/retry')).said).toContain('still being answered');
    await person.answered();

    const again = await person.say('/retry');

    expect(again).toMatchObject({ cause: 'command_retry', said: '' });
    expect(await turn(again.turnId)).toMatchObject({ state: 'active', retry_of: first.turnId });
    expect((await person.turns()).map(({ words }) => words)).toEqual([
      'what time is it',
      'what time is it',
    ]);
  });
});

describe('/memory', () => {
  it('shows, forgets and clears what agents remember; a group sees only what was said in groups', async () => {
    const person = somebody();
    await person.say('/lang en');
    const memberId = await person.memberId();
    const facts = ['likes tea', 'lives in Wuhan', 'is on team blue'];
    for (const [n, text] of facts.entries())
      await stores.sql(
        `INSERT INTO member_memory (id, tenant_id, member_id, text, origin, created_at)
         VALUES ($1, $2, $3, $4, $5, now() + $6 * interval '1 second')`,
        [newId(), rows.tenantId, memberId, text, n === 2 ? 'group' : 'direct', n],
      );
    const inGroup = somebody({ group: 'cid-a', staffId: person.staffId });

    expect((await person.say('/memory')).said).toContain('2. lives in Wuhan');
    expect((await inGroup.say('/memory list')).said).toMatch(/:\n\n1\. is on team blue\n/);
    expect((await person.say('/memory forget 1')).said).toBe('Forgotten: likes tea');
    expect((await inGroup.say('/记忆 清空')).said).toContain('(1)');
    expect((await person.say('/memory list')).said).toMatch(/1\. lives in Wuhan\n\n/);
    expect((await person.say('/memory clear')).said).toContain('(1)');
    expect((await person.say('/memory')).said).toContain('nothing');
  });
});

it('keeps /feedback with the last answer, the newest words of it', async () => {
  const person = somebody();
  const { turnId } = await person.say('what time is it');
  await person.say('/feedback too slow');
  await person.say('/反馈 too late');

  expect(
    await stores.sql('SELECT turn_id, kind, text FROM feedback WHERE member_id = $1', [
      await person.memberId(),
    ]),
  ).toEqual([{ turn_id: turnId, kind: 'text', text: 'too late' }]);
});

it('speaks the language that somebody chose, to them and in this channel alone', async () => {
  const [person, other] = [somebody(), somebody()];
  expect((await person.say('/lang zh')).said).toBe('好的，以后用中文。');
  expect((await person.say('/new')).said).toContain('新的对话');
  expect((await other.say('/new')).said).toContain('new conversation');
  const { turnId } = await person.say('几点了');
  expect((await turn(turnId))['locale']).toBe('zh');
});
