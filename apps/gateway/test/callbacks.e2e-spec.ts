import { createDecipheriv } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { newId } from '@common/kernel';
import { aCardActionFrame, aFrame, anEventFrame } from '@common/testing';

import { CallbackDirectory } from '../src/callbacks/callback-directory.service';
import { IntakePipeline } from '../src/intake/intake.pipeline';
import {
  AES_KEY,
  APP_SECRET,
  cardHeaders,
  robotHeaders,
  RunningGateway,
  sealedEvent,
  TOKEN,
} from './gateway.fixture';

const HOUR_MS = 3_600_000;
const vectors = JSON.parse(
  readFileSync(join(__dirname, '../../../tests/fixtures/dingtalk/callback-vectors.json'), 'utf8'),
) as Record<string, Record<string, string>>;
let gateway: RunningGateway;
let channel: string;

beforeAll(async () => {
  gateway = await RunningGateway.start();
});
afterAll(() => gateway.stop());
beforeEach(async () => {
  channel = await gateway.channel();
});

const anEvent = (fields: object = {}) => ({
  EventType: 'chat_update_title',
  CorpId: 'dingcorp',
  eventId: `event-${newId()}`,
  title: '值班',
  ...fields,
});
const postEvent = (
  event: object,
  given: Partial<Parameters<typeof sealedEvent>[1]> & { to?: string } = {},
) => {
  const { query, body } = sealedEvent(event, { owner: channel, ...given });
  return gateway.post(`${given.to ?? channel}?${query}`, body);
};
const postMessage = (data: object = {}, headers = robotHeaders()) =>
  gateway.post(`${channel}/messages`, aFrame(data).data, headers);
const take = (frame: Parameters<IntakePipeline['take']>[1]) =>
  gateway
    .use(IntakePipeline)
    .take(
      { id: channel, tenantId: gateway.rows.tenantId, clientId: channel, scope: 'person' },
      frame,
    );
/** What the platform reads in the answer. */
function wordIn(text: string): string {
  const { encrypt } = JSON.parse(text) as { encrypt: string };
  const key = Buffer.from(`${AES_KEY}=`, 'base64');
  const plain = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16))
    .setAutoPadding(false)
    .update(Buffer.from(encrypt, 'base64'));
  return plain.subarray(20, 20 + plain.readUInt32BE(16)).toString();
}

describe('events over HTTP', () => {
  it('are in the journal before the encrypted answer goes out', async () => {
    const answer = await postEvent(anEvent());

    expect(answer.status).toBe(200);
    expect(wordIn(answer.text)).toBe('success');
    expect(await gateway.events(channel)).toMatchObject([
      {
        kind: 'event',
        content: {
          eventType: 'chat_update_title',
          facts: { kind: 'group_renamed', title: '值班' },
        },
      },
    ]);
  });

  it('P2 E98 E161 are one row over Stream and HTTP, however often they come', async () => {
    const event = anEvent();
    const { query, body } = sealedEvent(event, { owner: channel });
    for (let time = 0; time < 3; time += 1)
      expect((await gateway.post(`${channel}?${query}`, body)).status).toBe(200);
    const { eventId, EventType: eventType, CorpId: eventCorpId } = event;
    await take(anEventFrame({ eventId, eventType, eventCorpId }, { title: '值班' }));

    expect(await gateway.events(channel)).toHaveLength(1);
  });

  it('E96 check_url is answered and leaves no row', async () => {
    const answer = await postEvent({ EventType: 'check_url' });
    expect(wordIn(answer.text)).toBe('success');
    const suite = await postEvent({ EventType: 'check_create_suite_url', Random: 'LPIdSnlF' });
    expect(wordIn(suite.text)).toBe('LPIdSnlF');
    expect(await gateway.events(channel)).toEqual([]);
  });

  it('E100 of an unknown type are answered and kept', async () => {
    const answer = await postEvent(anEvent({ EventType: 'hologram_projected' }));
    expect(wordIn(answer.text)).toBe('success');
    expect(await gateway.events(channel)).toHaveLength(1);
  });

  it.each([
    ['another token', { token: 'otherToken' }],
    ['E91 another owner', { owner: 'dingotherapp' }],
  ])('are refused with %s, and nobody is told why', async (_name, given) => {
    expect(await postEvent(anEvent(), given)).toEqual({ status: 401, text: '' });
    expect(await gateway.events(channel)).toEqual([]);
  });

  it('E90 E91 are the test vectors as they are printed, however old, but not V5 and V6', async () => {
    const mine = await gateway.channel({ client_id: 'dingexampleappkey01' });
    const post = (name: string) => {
      const { signature = '', timestamp = '', nonce = '', encrypt } = vectors[name] ?? {};
      const query = new URLSearchParams({ msg_signature: signature, signature, timestamp, nonce });
      return gateway.post(`${mine}?${query.toString()}`, JSON.stringify({ encrypt }));
    };

    for (const name of ['V1', 'V2', 'V4']) expect(wordIn((await post(name)).text)).toBe('success');
    for (const name of ['V5', 'V6']) expect(await post(name)).toEqual({ status: 401, text: '' });
    expect(await gateway.events(mine)).toHaveLength(2);
  });

  it('E101 E102 belong to the channel of the address, and to its organisation', async () => {
    const organization = newId();
    await gateway.stores.sql(
      `INSERT INTO organization (id, tenant_id, corp_id, name) VALUES ($1, $2, 'dingmine', 'Mine')`,
      [organization, gateway.rows.tenantId],
    );
    channel = await gateway.channel({ organization_id: organization });

    expect((await postEvent(anEvent({ CorpId: 'dingmine' }))).status).toBe(200);
    expect((await postEvent(anEvent({ CorpId: 'dingmine' }), { owner: 'dingmine' })).status).toBe(
      200,
    );
    expect((await postEvent(anEvent({ CorpId: 'dingother', corpId: 'dingmine' }))).status).toBe(
      401,
    );
    const callback = gateway.sealed({ token: 'elsewhere', aesKey: 'z'.repeat(43) });
    const other = await gateway.channel({ callback });
    expect((await postEvent(anEvent(), { to: other })).status).toBe(401);
  });

  it('E103 are taken with the pair before for as long as it is accepted', async () => {
    const fresh = gateway.sealed({ token: 'freshToken', aesKey: 'f'.repeat(43) });
    const before = gateway.sealed({ token: TOKEN, aesKey: AES_KEY });
    const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS);
    channel = await gateway.channel({
      callback: fresh,
      callback_previous: before,
      callback_previous_until: inHours(24),
    });
    expect(wordIn((await postEvent(anEvent())).text)).toBe('success');

    await gateway.stores.sql(`UPDATE channel SET callback_previous_until = $2 WHERE id = $1`, [
      channel,
      inHours(-1),
    ]);
    await gateway.use(CallbackDirectory).heard(channel);
    expect((await postEvent(anEvent())).status).toBe(401);
    expect(
      (await postEvent(anEvent(), { token: 'freshToken', aesKey: 'f'.repeat(43) })).status,
    ).toBe(200);
  });
});

describe('robot messages over HTTP', () => {
  it('P2 are the same row as over Stream', async () => {
    expect(await postMessage()).toEqual({ status: 200, text: '{}' });
    await take(aFrame({}, { messageId: 'push-2' }));
    expect(await postMessage()).toEqual({ status: 200, text: '{}' });

    expect(await gateway.events(channel)).toMatchObject([
      { kind: 'message', state: 'pending', platform_message_id: 'msg-1' },
    ]);
  });

  it('are proven by any of the app’s secrets while one is being replaced', async () => {
    channel = await gateway.channel({
      pending_secret: gateway.sealed('next-secret'),
      pending_since: new Date(),
      previous_secret: gateway.sealed('last-secret'),
      previous_secret_until: new Date(Date.now() + HOUR_MS),
    });
    for (const secret of ['next-secret', 'last-secret', APP_SECRET])
      expect((await postMessage({}, robotHeaders(secret))).status).toBe(200);
    expect((await postMessage({}, robotHeaders('other'))).status).toBe(401);
  });

  it.each([
    ['another secret', robotHeaders('other')],
    ['no signature', {}],
    ['a late signature', robotHeaders(APP_SECRET, Date.now() - HOUR_MS - 60_000)],
  ])('are refused with %s', async (_name, headers) => {
    expect(await postMessage({}, headers)).toEqual({ status: 401, text: '' });
    expect(await gateway.events(channel)).toEqual([]);
  });

  it('that name nothing are taken, so that they do not come for ever', async () => {
    const answer = await gateway.post(`${channel}/messages`, '{"cut', robotHeaders());
    expect(answer).toEqual({ status: 200, text: '{}' });
    expect(await gateway.events(channel)).toEqual([]);
  });
});

describe('card actions over HTTP', () => {
  const click = aCardActionFrame().data;
  const postClick = (body: string, headers: Record<string, string>) =>
    gateway.post(`${channel}/cards`, body, headers);

  it('E130 are answered with an empty object; a repetition of one push is one click', async () => {
    const headers = cardHeaders();
    expect(await postClick(click, headers)).toEqual({ status: 200, text: '{}' });
    expect((await postClick(click, headers)).status).toBe(200);
    expect((await postClick(click, cardHeaders(TOKEN, Date.now() + 1_000))).status).toBe(200);

    const events = await gateway.events(channel);
    expect(events).toHaveLength(2);
    expect(events[0]).toMatchObject({ kind: 'card_action', content: { outTrackId: 'card-1' } });
  });

  it('E129 are refused with a wrong or stale signature', async () => {
    for (const headers of [cardHeaders('other'), cardHeaders(TOKEN, Date.now() - 2 * HOUR_MS), {}])
      expect(await postClick(click, headers)).toEqual({ status: 401, text: '' });
    expect(await gateway.events(channel)).toEqual([]);
  });

  it('are signed with the API secret alone where there is one', async () => {
    const callback = { token: TOKEN, aesKey: AES_KEY, apiSecret: 'cardApiSecret01' };
    channel = await gateway.channel({ callback: gateway.sealed(callback) });
    expect((await postClick(click, cardHeaders('cardApiSecret01'))).status).toBe(200);
    expect((await postClick(click, cardHeaders(TOKEN))).status).toBe(401);
  });

  it('requests for dynamic data are answered and not kept', async () => {
    const request = '{"type":"dynamicDataCallback","outTrackId":"card-1"}';
    expect(await postClick(request, cardHeaders())).toEqual({ status: 200, text: '{}' });
    expect(await gateway.events(channel)).toEqual([]);
  });
});

it('P8 writes nothing of bodies, signatures and secrets to the log', async () => {
  await postMessage({ text: { content: 'planted-words' } });
  await postMessage({ text: { content: 'planted-words' } }, robotHeaders('other'));
  await postEvent(anEvent({ title: 'planted-title' }), { token: 'otherToken' });
  expect(gateway.logLines.join('\n')).not.toMatch(/planted|gatewayToken01|abcdefghij/);
  expect(gateway.logLines.join('\n')).toContain('signature_wrong');
});
