import { createHash } from 'node:crypto';

import {
  CARD_ACTION_TOPIC,
  eventKey,
  readCardAction,
  readEvent,
  readRobotMessage,
  ROBOT_MESSAGE_TOPIC,
  type StreamFrame,
} from '@common/dingtalk';
import type { InboundMessage, SessionScope } from '@common/domain';
import { derivedId } from '@common/kernel';

export type EventKind = 'message' | 'event' | 'card_action';

/** One row of the journal before it is sealed and written. */
export interface JournalEntry {
  /** UUIDv5(client id, kind, key): the deduplication (P2). */
  readonly id: string;
  readonly kind: EventKind;
  /** Where a message is kept in order; events and clicks wait behind nothing. */
  readonly threadId: string | null;
  /** Whether a dispatcher has something to do with it; else it is only kept. */
  readonly isWork: boolean;
  readonly platformMessageId: string | null;
  readonly receivedAtMs: number;
  readonly raw: string;
  /** Without the reply link, which is a secret. */
  readonly content: unknown;
  readonly replyWebhook: InboundMessage['replyWebhook'];
  /** Set for a notice that the organisation's allowance is used up. */
  readonly quotaNotice: InboundMessage['quotaNotice'];
}

interface ForChannel {
  readonly id: string;
  readonly clientId: string;
  readonly scope: SessionScope;
}

/** What a frame is to the journal. @throws MalformedMessageError for a message or click that names nothing */
export function entryOf(frame: StreamFrame, channel: ForChannel): JournalEntry {
  if (frame.type === 'EVENT') return eventEntry(frame, channel);
  if (frame.topic === ROBOT_MESSAGE_TOPIC) return messageEntry(frame, channel);
  if (frame.topic === CARD_ACTION_TOPIC) return cardEntry(frame, channel);
  throw new RangeError(`no journal for topic ${frame.topic.slice(0, 80)}`);
}

function messageEntry(frame: StreamFrame, channel: ForChannel): JournalEntry {
  const { replyWebhook, ...message } = readRobotMessage(frame.data);
  const { conversation, sender, quotaNotice } = message;
  const person =
    channel.scope === 'group'
      ? ''
      : (sender.staffId ?? sender.unionId ?? sender.opaqueId ?? 'unknown');
  return {
    ...keep(frame, 'message', derivedId(channel.clientId, 'message', message.messageId), message),
    isWork: quotaNotice === null,
    threadId: quotaNotice ? null : derivedId('thread', channel.id, conversation.id, person),
    platformMessageId: message.messageId,
    replyWebhook,
    quotaNotice,
  };
}

function eventEntry(frame: StreamFrame, channel: ForChannel): JournalEntry {
  const event = readEvent(frame.headers, frame.data);
  return keep(frame, 'event', derivedId(channel.clientId, 'event', eventKey(event)), event);
}

function cardEntry(frame: StreamFrame, channel: ForChannel): JournalEntry {
  const action = readCardAction(frame.data);
  const key = frame.messageId === '' ? hashOf(frame.data) : frame.messageId;
  return keep(frame, 'card_action', derivedId(channel.clientId, 'card_action', key), action);
}

function keep(frame: StreamFrame, kind: EventKind, id: string, content: unknown): JournalEntry {
  return {
    id,
    kind,
    threadId: null,
    isWork: true,
    platformMessageId: null,
    receivedAtMs: frame.receivedAtMs,
    raw: frame.data,
    content,
    replyWebhook: null,
    quotaNotice: null,
  };
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
