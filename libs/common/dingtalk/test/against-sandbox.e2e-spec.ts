import { randomUUID } from 'node:crypto';

import { Secret } from '@common/config';
import type { InboundMessage } from '@common/domain';
import { SystemClock } from '@common/kernel';
import { OutboundGuard } from '@common/outbound';
import { eventually } from '@common/testing';

import { ChannelStream } from '../src/stream/channel-stream';
import { StreamPulse } from '../src/stream/stream-pulse';
import { until } from '../src/stream/fake-gateway.fixture';
import type { StreamFrame } from '../src/stream/stream-frame';
import { DingTalkClient } from '../src/dingtalk-client';
import { readCardAction } from '../src/wire/card-action.wire';
import { readEvent } from '../src/wire/event.wire';
import { readRobotMessage } from '../src/wire/robot-message.wire';
import { SandboxProcess } from './sandbox-process';

const TEMPLATE = '8aebdfb9-28f4-4a98-98f5-396c3dde41a0.schema';
const BOT = 'dingsandboxbot1';
const app = { clientId: BOT, clientSecret: new Secret('sandbox-secret-1') };

const pulse = new StreamPulse(new SystemClock(), 10_000);

let sandbox: SandboxProcess;
let stream: ChannelStream;
let client: DingTalkClient;
const frames: StreamFrame[] = [];
const faults: unknown[] = [];

beforeAll(async () => {
  sandbox = await SandboxProcess.start();
  client = new DingTalkClient({
    apiUrl: sandbox.url,
    guard: new OutboundGuard({ allowedHosts: [sandbox.url] }),
  });
  stream = new ChannelStream({
    apiUrl: sandbox.url,
    ...app,
    pulse,
    handle: (frame) => {
      frames.push(frame);
      return Promise.resolve({ code: 200 });
    },
    onReport: () => undefined,
    onFault: (fault) => faults.push(fault),
  });
  stream.start();
  await until(() => stream.report.state === 'connected', 'connected');
});

afterAll(async () => {
  await stream?.stop();
  await client?.close();
  await sandbox?.stop();
});

beforeEach(() => (frames.length = 0));

const violations = (): Promise<unknown[]> => sandbox.get('/violations');

async function ask(fields: object): Promise<InboundMessage> {
  const before = frames.length;
  await sandbox.send('POST', '/messages', { from: '0102', clientId: BOT, ...fields });
  await until(() => frames.length > before, 'a frame');
  return readRobotMessage(frames.at(-1)?.data);
}

const connections = (): Promise<{ id: string }[]> => sandbox.get(`/connections?clientId=${BOT}`);

/** Resolves when the sandbox has lost this connection. */
const gone = (id: string | undefined): Promise<boolean> =>
  eventually(async () => !(await connections()).some((one) => one.id === id));

describe('the two readings of the protocol agree on', () => {
  it('C50 messages of a person and of a group', async () => {
    expect(await ask({ text: '你好' })).toMatchObject({
      conversation: { kind: 'direct' },
      sender: { staffId: '0102', name: '李雷' },
      robotCode: BOT,
      contentType: 'text',
      text: '你好',
      quotaNotice: null,
    });
    const inGroup = await ask({ groupId: 'group1', text: ' 在吗 ' });
    expect(inGroup).toMatchObject({
      conversation: { kind: 'group', title: '产品讨论组' },
      text: '在吗',
    });
    expect(inGroup.replyWebhook?.expiresAtMs).toBeGreaterThan(Date.now());
  });

  it('C37 events', async () => {
    await sandbox.send('POST', '/events', {
      clientId: BOT,
      eventType: 'chat_update_title',
      eventId: 'e1',
    });
    await until(() => frames.length === 1);
    const [frame] = frames;
    expect(readEvent(frame?.headers ?? {}, frame?.data)).toMatchObject({
      eventId: 'e1',
      eventType: 'chat_update_title',
    });
  });

  it('C80 a card that is created, streamed, finished and clicked', async () => {
    const { conversation } = await ask({ groupId: 'group1', text: 'card' });
    const outTrackId = randomUUID();
    const card = {
      outTrackId,
      templateId: TEMPLATE,
      params: { content: '' },
      lastMessage: 'AI',
      target: {
        kind: 'group',
        conversationId: conversation.id,
        robotCode: BOT,
        mention: { userId: '0102', name: '李雷' },
      },
    } as const;
    expect(await client.cards.create(app, card)).toMatchObject({ delivered: true });
    expect(await client.cards.create(app, card)).toEqual({ delivered: true, repeated: true });
    const frame = { outTrackId, key: 'content', isError: false };
    await client.cards.stream(app, { ...frame, guid: 'g1', content: 'half', isFinalize: false });
    await client.cards.stream(app, {
      ...frame,
      guid: 'g2',
      content: 'half and whole',
      isFinalize: true,
    });
    await client.cards.update(app, { outTrackId, params: { extra: '1' } });
    const cards =
      await sandbox.get<{ outTrackId: string; text: string; isOpen: boolean }[]>('/cards');
    expect(cards.find((one) => one.outTrackId === outTrackId)).toMatchObject({
      text: 'half and whole',
      isOpen: false,
    });

    frames.length = 0;
    await sandbox.send('POST', '/card-actions', {
      outTrackId,
      userId: '0103',
      actionId: 'stop1',
      params: { a: 'b' },
    });
    expect(readCardAction(frames[0]?.data)).toMatchObject({
      outTrackId,
      userId: '0103',
      action: 'stop',
      params: { a: 'b' },
    });
  });

  it('C80 C83 C86 the names of what goes wrong with cards', async () => {
    const { sender } = await ask({ text: 'card' });
    const target = { kind: 'direct', userId: sender.staffId ?? '', robotCode: BOT } as const;
    const card = {
      outTrackId: randomUUID(),
      templateId: TEMPLATE,
      params: {},
      lastMessage: 'AI',
      target,
    };
    const frame = {
      outTrackId: card.outTrackId,
      guid: 'g',
      key: 'content',
      content: 'x',
      isFinalize: false,
      isError: false,
    };
    await expect(client.cards.stream(app, frame)).rejects.toMatchObject({ code: 'card_not_exist' });
    await expect(
      client.cards.create(app, { ...card, templateId: 'nobody.schema' }),
    ).rejects.toMatchObject({ code: 'card_template_unusable' });
    await client.cards.create(app, card);
    await expect(client.cards.stream(app, { ...frame, key: 'other' })).rejects.toMatchObject({
      code: 'card_template_mismatch',
    });
    await client.cards.stream(app, { ...frame, isFinalize: true });
  });

  it('C70 reacts to a question, and takes the reaction away', async () => {
    const { messageId, conversation } = await ask({ text: 'hi' });
    const message = { robotCode: BOT, messageId, conversationId: conversation.id };
    await client.reactions.attach(app, message);
    await client.reactions.recall(app, message);
    await expect(
      client.reactions.attach(app, { ...message, messageId: 'nobody’s' }),
    ).rejects.toMatchObject({ platformCode: 'system.err', outcome: 'not_processed' });
  });

  it('C60 replies by webhook, robot messages, and C63 people nobody knows', async () => {
    const { replyWebhook, conversation } = await ask({ groupId: 'group1', text: 'hi' });
    const markdown = { title: 't', text: 'answer' };
    await client.webhooks.reply(replyWebhook?.url ?? '', { markdown, atUserIds: ['0102'] });
    await expect(
      client.webhooks.reply(`${sandbox.url}/robot/sendBySession?session=nobody`, { markdown }),
    ).rejects.toMatchObject({ code: 'webhook_expired' });
    const robot = { robotCode: BOT, content: { kind: 'markdown', ...markdown } as const };
    const sent = await client.robots.sendToGroup(app, {
      ...robot,
      openConversationId: conversation.id,
    });
    expect(sent.processQueryKey).toEqual(expect.any(String));
    await client.robots.sendToUser(app, { ...robot, userId: '0102' });
    await expect(
      client.robots.sendToUser(app, { ...robot, userId: 'nobody' }),
    ).rejects.toMatchObject({ code: 'recipient_rejected' });
  });

  it('C9 uploads images and files with the token that all calls use, also a revoked one', async () => {
    const content = Buffer.from('bytes');
    const image = { kind: 'image', name: 'plot.png', content } as const;
    expect(await client.media.upload(app, image)).toMatch(/^@/);
    await sandbox.send('POST', `/apps/${BOT}/revoke-token`);
    const file = { kind: 'file', name: 'report.pdf', content } as const;
    expect(await client.media.upload(app, file)).toMatch(/^@/);
    const wrong = { kind: 'file', name: 'run.exe', content } as const;
    await expect(client.media.upload(app, wrong)).rejects.toMatchObject({
      ...{ outcome: 'refused', platformCode: '40005' },
    });
  });

  it('sends to many at once, tells who has read it, and takes it back', async () => {
    const { conversation } = await ask({ groupId: 'group1', text: 'hi' });
    const robotCode = BOT;
    const robot = { robotCode, content: { kind: 'text', text: 'to all' } as const };
    const many = await client.robots.sendToUsers(app, { ...robot, userIds: ['0102', 'nobody'] });
    expect(many).toMatchObject({ invalid: ['nobody'], flowControlled: [] });
    const key = String(many.processQueryKey);
    expect(await client.sent.readersOf(app, { robotCode, key })).toEqual(['0102']);
    expect(await client.sent.recall(app, { robotCode, keys: [key, 'other'] })).toEqual({
      recalled: [key],
      failed: { other: 'invalid.processQueryKey' },
    });
    const group = { robotCode, openConversationId: conversation.id };
    const { processQueryKey } = await client.robots.sendToGroup(app, { ...robot, ...group });
    const keys = [String(processQueryKey)];
    const readers = await client.sent.readersInGroup(app, { ...group, key: String(keys[0]) });
    expect(readers).toMatchObject({ nextToken: null });
    expect(readers.userIds).toContain('0102');
    expect((await client.sent.recall(app, { ...group, keys })).recalled).toEqual(keys);
  });

  it('C2 C4 tokens: a revoked one is replaced unseen, wrong credentials are named', async () => {
    await sandbox.send('POST', `/apps/${BOT}/revoke-token`);
    await client.cards.prepare(app, { outTrackId: randomUUID(), templateId: TEMPLATE, params: {} });
    const wrong = { clientId: BOT, clientSecret: new Secret('wrong') };
    await expect(client.tokens.verify(wrong)).rejects.toMatchObject({ code: 'bad_credentials' });
  });

  it('C13 C15 what keeps a channel from connecting', async () => {
    await sandbox.send('PUT', '/apps/dingquiet', { clientSecret: 'right', streamMode: false });
    const states: string[] = [];
    const quiet = (secret: string): ChannelStream =>
      new ChannelStream({
        apiUrl: sandbox.url,
        clientId: 'dingquiet',
        clientSecret: new Secret(secret),
        pulse,
        handle: () => Promise.resolve(undefined),
        onReport: ({ state }) => states.push(state),
      });
    for (const [secret, state] of [
      ['wrong', 'bad_credentials'],
      ['right', 'misconfigured'],
    ] as const) {
      const one = quiet(secret);
      one.start();
      await until(() => states.includes(state), state);
      await one.stop();
    }
  });

  it.each([false, true])(
    'C22 an announced end, without losing a message (bare: %s)',
    async (bare) => {
      const [old] = await connections();
      // A connection that lived five seconds comes back at once; a younger one within a second.
      await sandbox.send('POST', `/connections/${old?.id}/disconnect`, { bare });
      await ask({ text: 'after the announcement' });
      expect(stream.report.state).toBe('connected');
      await gone(old?.id);
    },
  );

  it('C24 what no client may die of', async () => {
    for (const text of ['{"cut', 'null', '[]', ''])
      await sandbox.send('POST', '/frames', { clientId: BOT, raw: text });
    await sandbox.send('POST', '/frames', { clientId: BOT, base64: 'AAEC' });
    expect(await ask({ text: 'still there' })).toMatchObject({ text: 'still there' });
    expect(faults.length).toBeGreaterThanOrEqual(5);
  });

  it('C12 C38 C39 C91 everything else: the sandbox saw no violation', async () => {
    expect(await violations()).toEqual([]);
  });
});
