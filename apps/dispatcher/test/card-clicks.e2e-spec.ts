import { migrate } from '@common/persistence';
import { anId, OwnStores, Rows, type ThreadRow } from '@common/testing';

import { SpecDispatcher } from './dispatcher.fixture';

let stores: OwnStores;
let rows: Rows;
let dispatcher: SpecDispatcher;
let thread: ThreadRow;

beforeAll(async () => {
  stores = await OwnStores.open(process.env);
  await migrate(stores.databaseUrl);
  rows = new Rows(stores);
});
afterAll(() => stores.close());
beforeEach(async () => {
  dispatcher = await SpecDispatcher.on(stores);
  thread = await rows.aThread();
});
afterEach(() => dispatcher.close());

const causeOf = async (eventId: string): Promise<unknown> => {
  const row = await stores.one('SELECT state, cause FROM inbound_event WHERE id = $1', [eventId]);
  expect(row['state']).toBe('processed');
  return row['cause'];
};
const clicked = async (...click: Parameters<Rows['aClick']>): Promise<unknown> => {
  const event = await rows.aClick(...click);
  await dispatcher.run(event);
  return causeOf(event);
};
const turn = (id: string) => stores.one('SELECT * FROM turn WHERE id = $1', [id]);
const ended = (id: string) =>
  stores.sql(
    `UPDATE turn SET state = 'failed', outcome = 'failed', ended_at = now() WHERE id = $1`,
    [id],
  );
const closed = (id: string) =>
  stores.sql(`UPDATE delivery SET state = 'delivered', ended_at = now() WHERE turn_id = $1`, [id]);

describe('stop', () => {
  it('asks the running turn to stop, says so to everybody, and changes nothing the second time', async () => {
    const { turnId, deliveryId } = await rows.aTurn(thread);

    expect(await clicked(thread.channelId, deliveryId, 'stop')).toBe('card_stop');
    expect(await clicked(thread.channelId, deliveryId, 'stop')).toBe('card_turn_ended');

    expect((await turn(turnId))['cancel_requested_at']).toBeInstanceOf(Date);
    expect(dispatcher.announcer.news).toEqual([{ name: 'turn.cancel', news: { turnId } }]);
  });

  it('ends a queued turn, whose card becomes a debt', async () => {
    await rows.aTurn(thread);
    const { turnId, deliveryId } = await rows.aTurn(thread, { state: 'queued' });
    await stores.sql(`UPDATE delivery SET card_state = 'open' WHERE id = $1`, [deliveryId]);

    expect(await clicked(thread.channelId, deliveryId, 'stop')).toBe('card_stop');

    expect(await turn(turnId)).toMatchObject({ state: 'cancelled', outcome: 'cancelled' });
    expect(
      await stores.one('SELECT state, card_state FROM delivery WHERE id = $1', [deliveryId]),
    ).toEqual({ state: 'undelivered', card_state: 'debt' });
  });

  it('is ignored from somebody else, and heeded from an administrator', async () => {
    const { turnId, deliveryId } = await rows.aTurn(thread);
    await stores.sql(
      `INSERT INTO identity (tenant_id, kind, realm, value, member_id) VALUES ($1, 'staff', 'dingcorp', 'boss', $2)`,
      [rows.tenantId, thread.memberId],
    );
    const by = (userId: string) => clicked(thread.channelId, deliveryId, 'stop', { userId });

    expect(await by('stranger')).toBe('card_not_theirs');
    expect(await by('boss')).toBe('card_not_theirs');
    expect((await turn(turnId))['cancel_requested_at']).toBeNull();
    await stores.sql(`UPDATE member SET role = 'admin' WHERE id = $1`, [thread.memberId]);
    expect(await by('boss')).toBe('card_stop');
  });
});

describe('retry', () => {
  it('asks an ended question again, in a new turn to the same place', async () => {
    const { turnId, deliveryId } = await rows.aTurn(thread);
    await ended(turnId);
    await closed(turnId);

    expect(await clicked(thread.channelId, deliveryId, 'retry')).toBe('card_retry');
    expect(await clicked(thread.channelId, deliveryId, 'retry')).toBe('card_retry_running');

    const retries = await stores.sql('SELECT id, state FROM turn WHERE retry_of = $1', [turnId]);
    expect(retries).toMatchObject([{ state: 'active' }]);
    expect(dispatcher.generation.jobs).toMatchObject([{ turnId: retries[0]?.['id'] }]);
    expect(dispatcher.delivery.jobs).toHaveLength(1);
  });

  it('opens no door that was closed since the card came', async () => {
    const { turnId, deliveryId } = await rows.aTurn(thread);
    await ended(turnId);
    await closed(turnId);
    const rules = (access: object) =>
      stores.sql('UPDATE channel SET access = $2 WHERE id = $1', [
        ...[thread.channelId, JSON.stringify(access)],
      ]);
    await rules({ deny: { people: ['staff-1'] } });
    expect(await clicked(thread.channelId, deliveryId, 'retry')).toBe('card_accessDenied');
    await rules({});
    await stores.sql('UPDATE channel SET enabled = false WHERE id = $1', [thread.channelId]);
    expect(await clicked(thread.channelId, deliveryId, 'retry')).toBe('card_channelDisabled');
    expect(await stores.sql('SELECT 1 FROM turn WHERE retry_of = $1', [turnId])).toEqual([]);
  });

  it('leaves a running turn alone', async () => {
    const { deliveryId } = await rows.aTurn(thread);
    expect(await clicked(thread.channelId, deliveryId, 'retry')).toBe('card_turn_running');
  });
});

describe('feedback', () => {
  const feedbackOf = (turnId: string) =>
    stores.sql('SELECT kind, member_id FROM feedback WHERE turn_id = $1', [turnId]);
  const thumb = (deliveryId: string, value: string) =>
    clicked(thread.channelId, deliveryId, 'feedback', { params: { value } });

  it('is kept with the turn, the last click of a person counts', async () => {
    const { turnId, deliveryId } = await rows.aTurn(thread);

    expect(await thumb(deliveryId, 'up')).toBe('card_feedback_up');
    expect(await thumb(deliveryId, 'up')).toBe('card_feedback_up');
    expect(await feedbackOf(turnId)).toEqual([{ kind: 'up', member_id: thread.memberId }]);
    expect(await thumb(deliveryId, 'down')).toBe('card_feedback_down');
    expect(await feedbackOf(turnId)).toEqual([{ kind: 'down', member_id: thread.memberId }]);
  });

  it('is nothing without a thumb', async () => {
    const { turnId, deliveryId } = await rows.aTurn(thread);
    expect(await thumb(deliveryId, 'sideways')).toBe('card_params_invalid');
    expect(await feedbackOf(turnId)).toEqual([]);
  });
});

describe('a click', () => {
  it('P6 on a card of another channel, or on none of ours, is ignored', async () => {
    const { deliveryId } = await rows.aTurn(thread);
    expect(await clicked(await rows.aChannel(), deliveryId, 'stop')).toBe('card_unknown');
    expect(await clicked(thread.channelId, anId('no card'), 'stop')).toBe('card_unknown');
    expect(await clicked(thread.channelId, 'not-a-uuid', 'stop')).toBe('card_unknown');
  });

  it('that we do not know is ignored', async () => {
    const { deliveryId } = await rows.aTurn(thread);
    expect(await clicked(thread.channelId, deliveryId, 'dance')).toBe('card_action_unknown');
  });

  it('P10 that cannot be processed is set aside', async () => {
    const event = await rows.aLooseEvent(thread.channelId, 'card_action', {
      action: 'stop',
      params: {},
    });
    for (let n = 0; n < 5; n += 1) await expect(dispatcher.run(event)).rejects.toThrow();
    await dispatcher.run(event);
    expect(await stores.one('SELECT state FROM inbound_event WHERE id = $1', [event])).toEqual({
      state: 'quarantined',
    });
  });

  it('P2 has its effect once, however many dispatchers get it', async () => {
    const { turnId, deliveryId } = await rows.aTurn(thread);
    await ended(turnId);
    await closed(turnId);
    const other = await SpecDispatcher.on(stores);
    const event = await rows.aClick(thread.channelId, deliveryId, 'retry');

    await Promise.all([dispatcher, other, dispatcher, other].map((one) => one.run(event)));
    await other.close();

    expect(await stores.sql('SELECT id FROM turn WHERE retry_of = $1', [turnId])).toHaveLength(1);
  });
});

describe('a button of a notice', () => {
  const clicksOf = (noticeId: string) =>
    stores.sql(
      'SELECT button_id, staff_id, member_id, shown FROM notice_click WHERE notice_id = $1',
      [noticeId],
    );

  it('is kept with who clicked it, however often, and the card is to say so', async () => {
    const { noticeId, recipientId } = await rows.aNotice(thread.channelId);
    await stores.sql(
      `INSERT INTO identity (tenant_id, kind, realm, value, member_id) VALUES ($1, 'staff', $2, 'staff-1', $3)`,
      [rows.tenantId, thread.channelId, thread.memberId],
    );

    expect(await clicked(thread.channelId, recipientId, 'yes')).toBe('notice_click_yes');
    expect(await clicked(thread.channelId, recipientId, 'other', { params: { id: 'yes' } })).toBe(
      'notice_click_yes',
    );

    expect(await clicksOf(noticeId)).toEqual([
      { button_id: 'yes', staff_id: 'staff-1', member_id: thread.memberId, shown: false },
    ]);
    expect(dispatcher.outbound.jobs).toMatchObject([
      { noticeId, wake: 1 },
      { noticeId, wake: 2 },
    ]);
    expect(await stores.one('SELECT todo FROM notice WHERE id = $1', [noticeId])).toEqual({
      todo: true,
    });
  });

  it('of one person is nobody else’s, of a group everybody’s; unknown ones are ignored', async () => {
    const one = await rows.aNotice(thread.channelId);
    const all = await rows.aNotice(thread.channelId, { kind: 'group', address: 'cid-1' });
    const by = (recipientId: string, button: string) =>
      clicked(thread.channelId, recipientId, button, { userId: 'stranger' });

    expect(await by(one.recipientId, 'yes')).toBe('card_not_theirs');
    expect(await by(all.recipientId, 'stop')).toBe('card_action_unknown');
    expect(await by(all.recipientId, 'yes')).toBe('notice_click_yes');
    expect(await clicksOf(one.noticeId)).toEqual([]);
    expect(await clicksOf(all.noticeId)).toMatchObject([{ staff_id: 'stranger', member_id: null }]);
    const other = await rows.aThread();
    expect(await clicked(other.channelId, all.recipientId, 'stop')).toBe('card_unknown');
  });
});
