import { type Via, urlFor } from '../callbacks/http-callbacks';
import type { HttpPusher } from '../callbacks/http-pusher';
import type { Conversation, EntryFile, Mention, UserEntry } from '../world/conversation.types';
import type { Person, PlatformApp } from '../world/directory.types';
import { lwcpOf, newMessageId } from '../world/ids';
import type { World } from '../world/world';
import type { ConnectionPool } from './connection-pool';
import { Delivery } from './delivery';
import type { DeliveryDesk } from './delivery-desk';
import { TOPIC_ROBOT } from './frames';

/** What a person writes. */
export interface InboundMessage {
  readonly from: Person;
  /** Absent: a group message that mentions no bot; nobody is told. */
  readonly app: PlatformApp | undefined;
  readonly conversation: Conversation;
  readonly msgtype: string;
  readonly text: string | undefined;
  /** `content` of other message types; for text, more fields beside `content` (quotes, §4.4). */
  readonly content: Readonly<Record<string, unknown>> | undefined;
  /** Laid over the payload; null removes a field. */
  readonly overrides: Readonly<Record<string, unknown>>;
  readonly msgId: string | undefined;
  readonly copies: number;
  readonly spread: 'random' | 'each';
  readonly via?: Via | undefined;
}

/** Turns what people write into robot messages (§4). */
export class InboundMessages {
  constructor(
    private readonly world: World,
    private readonly pool: ConnectionPool,
    private readonly desk: DeliveryDesk,
    private readonly pusher: HttpPusher,
  ) {}

  /** Shows the message in the chat and pushes it to the bot. */
  post(message: InboundMessage): { msgId: string; conversationId: string } {
    const msgId = message.msgId ?? newMessageId();
    this.show(message, msgId);
    if (message.app) this.push(message, message.app, msgId);
    return { msgId, conversationId: message.conversation.id };
  }

  /** The same msgId twice is one message to people: a second bot is a second mention (C33). */
  private show(message: InboundMessage, msgId: string): void {
    const { conversation, from, app } = message;
    const isGroup = conversation.type === '2';
    const mention: Mention[] = isGroup && app ? [{ id: app.clientId, name: app.name }] : [];
    const known = this.world.conversations.userMessage(conversation.id, msgId);
    const entry: UserEntry = known ?? {
      kind: 'user',
      id: this.world.conversations.newEntryId(),
      at: this.world.now(),
      msgId,
      userId: from.userId,
      name: from.name,
      msgtype: message.msgtype,
      text: shownText(message),
      mentions: [],
      files: this.filesIn(message.content),
      reactions: [],
    };
    const more = mention.filter(({ id }) => !entry.mentions.some((one) => one.id === id));
    entry.mentions.push(...more);
    if (!known) this.world.conversations.add(conversation.id, entry);
    this.world.publish('entry', { conversationId: conversation.id, entry });
  }

  /** Those that were put here; a code can be anything else as well. */
  private filesIn(content: InboundMessage['content']): EntryFile[] {
    const items = Array.isArray(content?.['richText']) ? (content['richText'] as unknown[]) : [];
    return [content, ...items].flatMap((item) => {
      const code = (item as { downloadCode?: unknown } | undefined)?.downloadCode;
      const file = typeof code === 'string' ? this.world.files.find(code) : undefined;
      if (!file) return [];
      const { downloadCode, name, contentType } = file;
      return [{ downloadCode, name, isImage: contentType.startsWith('image/') }];
    });
  }

  private push(message: InboundMessage, app: PlatformApp, msgId: string): void {
    const payload = this.payload(message, app, msgId);
    const url = urlFor(this.world.httpCallbacks.get(app.clientId), 'message');
    const via = message.via ?? (url ? 'http' : 'stream');
    if (via !== 'stream' && url)
      for (let copy = 0; copy < message.copies; copy += 1)
        void this.pusher.message(app, url, payload, msgId);
    if (via !== 'http') this.pushFrames(message, app, msgId, JSON.stringify(payload));
  }

  private pushFrames(message: InboundMessage, app: PlatformApp, msgId: string, data: string): void {
    const candidates = this.pool.candidates(app.clientId, 'CALLBACK', TOPIC_ROBOT);
    if (candidates.length === 0) this.tellNobodyThere(message.conversation.id, app);
    for (let copy = 0; copy < message.copies; copy += 1) {
      const to = message.spread === 'each' ? candidates[copy % candidates.length] : undefined;
      this.desk.submit(
        new Delivery(app.clientId, 'robot', 'CALLBACK', TOPIC_ROBOT, data, msgId),
        to,
      );
    }
  }

  private tellNobodyThere(conversationId: string, app: PlatformApp): void {
    const entry = {
      kind: 'notice',
      id: this.world.conversations.newEntryId(),
      at: this.world.now(),
      code: 'not_connected',
      clientId: app.clientId,
      name: app.name,
    } as const;
    this.world.conversations.add(conversationId, entry);
    this.world.publish('entry', { conversationId, entry });
  }

  private payload(
    message: InboundMessage,
    app: PlatformApp,
    msgId: string,
  ): Record<string, unknown> {
    const { settings, used } = this.world;
    const isOver = settings.messagesPerMonth > 0 && used.messages >= settings.messagesPerMonth;
    if (!isOver) used.messages += 1;
    const common = this.commonFields(message, app, msgId);
    const words = isOver ? quotaWords() : contentOf(message);
    return override({ ...common, ...words }, message.overrides);
  }

  private commonFields(
    { from, conversation, msgtype }: InboundMessage,
    app: PlatformApp,
    msgId: string,
  ) {
    const { world } = this;
    const { corpId } = world.directory.corp;
    const chatbotUserId = lwcpOf(corpId, app.robotCode);
    const group = world.directory.group(conversation.groupId ?? '');
    return {
      msgId,
      msgtype,
      conversationId: conversation.id,
      conversationType: conversation.type,
      ...(group && {
        conversationTitle: group.title,
        isInAtList: true,
        atUsers: [{ dingtalkId: chatbotUserId }],
      }),
      senderId: lwcpOf(corpId, from.userId),
      // Missing for people outside the corp, and before the robot is published (§4.2).
      ...(!from.external && app.published && { senderStaffId: from.userId, isAdmin: from.isAdmin }),
      senderUnionId: from.unionId,
      senderNick: from.name,
      senderCorpId: from.external ? 'dingoutside' : corpId,
      senderPlatform: 'Mac',
      chatbotCorpId: corpId,
      chatbotUserId,
      robotCode: app.robotCode,
      createAt: world.now(),
      ...this.webhook(app.clientId, conversation.id),
    };
  }

  private webhook(clientId: string, conversationId: string) {
    const { webhookLifeMs, webhookActualLifeMs } = this.world.settings;
    const lifeMs = webhookActualLifeMs > 0 ? webhookActualLifeMs : webhookLifeMs;
    const session = this.world.webhookSessions.open(clientId, conversationId, lifeMs);
    return {
      sessionWebhook: `${this.world.baseUrl}/robot/sendBySession?session=${session}`,
      sessionWebhookExpiredTime: this.world.now() + webhookLifeMs,
    };
  }
}

function contentOf({
  msgtype,
  text,
  content,
  conversation,
}: InboundMessage): Record<string, unknown> {
  if (msgtype !== 'text') return { content: content ?? {} };
  // The blank that followed the mention stays in front (§4.2).
  const blank = conversation.type === '2' ? ' ' : '';
  return { text: { content: `${blank}${text ?? ''}`, ...content } };
}

const quotaWords = () => ({
  msgtype: undefined,
  errorCode: 20001,
  errorMessage: '受调用量超量影响，当前我的消息服务已经暂停。请联系管理员。',
});

function override(payload: Record<string, unknown>, overrides: Readonly<Record<string, unknown>>) {
  const merged = Object.entries({ ...payload, ...overrides });
  return Object.fromEntries(merged.filter(([, value]) => value !== null));
}

const ICONS: Readonly<Record<string, string>> = {
  picture: '🖼️',
  audio: '🎤',
  video: '🎬',
  file: '📄',
};

function shownText({ msgtype, text, content }: InboundMessage): string {
  if (msgtype === 'text') return text ?? '';
  const parts = content?.['richText'];
  if (Array.isArray(parts)) {
    return parts
      .map((part: { text?: unknown }) => (typeof part.text === 'string' ? part.text : '🖼️'))
      .join('');
  }
  return `${ICONS[msgtype] ?? `[${msgtype}]`} ${String(content?.['fileName'] ?? content?.['recognition'] ?? '')}`.trim();
}
