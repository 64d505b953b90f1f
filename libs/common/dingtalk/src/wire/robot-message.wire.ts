import type {
  ConversationKind,
  InboundMessage,
  MentionedPerson,
  ReplyWebhook,
} from '@common/domain';
import { z } from 'zod';

import { MalformedMessageError } from './malformed-message.error';
import { readParts } from './message-parts';
import { wordsOf } from './message-text';
import { readQuote } from './quoted-message';
import { asList, asObject, looseFlag, looseId, looseMs, looseName, looseText } from './tolerant';

/** Life of a session webhook when the message does not say it (messaging reference §4.2). */
const WEBHOOK_LIFE_MS = 90 * 60_000;

/** Most people of one message that are kept. */
const MAX_MENTIONS = 200;

/** The common fields of every robot message (§4.2). All optional here: what must exist is checked below. */
const robotMessage = z.looseObject({
  msgId: looseId,
  msgtype: looseId,
  conversationId: looseId,
  conversationType: looseId,
  conversationTitle: looseName,
  senderId: looseId,
  senderStaffId: looseId,
  senderUnionId: looseId,
  senderNick: looseName,
  senderCorpId: looseId,
  chatbotCorpId: looseId,
  chatbotUserId: looseId,
  robotCode: looseId,
  createAt: looseMs,
  sessionWebhook: looseText,
  sessionWebhookExpiredTime: looseMs,
  errorCode: looseId,
  errCode: looseId,
  errorMessage: looseName,
  errMsg: looseName,
  openThreadId: looseId,
  senderPlatform: looseName,
});
type RobotMessage = z.output<typeof robotMessage>;

/**
 * One robot message in our words, from the JSON text or the parsed `data` of a frame or HTTP callback. Tolerant: a
 * missing or strange field becomes null, an unknown type a message without text.
 * @param receivedAtMs stands in for the platform's time where only the expiry of the webhook is missing
 * @throws MalformedMessageError without `msgId` or `conversationId`
 */
export function readRobotMessage(data: unknown, receivedAtMs: number = Date.now()): InboundMessage {
  const raw = robotMessage.parse(asObject(data) ?? {});
  if (raw.msgId === null) throw new MalformedMessageError('robot message', 'msgId');
  if (raw.conversationId === null)
    throw new MalformedMessageError('robot message', 'conversationId');
  const parts = readParts(raw.msgtype, raw, { robotUserId: raw.chatbotUserId, depth: 0 });
  const text = wordsOf(parts);
  return {
    messageId: raw.msgId,
    conversation: {
      id: raw.conversationId,
      kind: kindOf(raw),
      title: raw.conversationTitle,
    },
    sender: {
      staffId: raw.senderStaffId,
      unionId: raw.senderUnionId,
      opaqueId: raw.senderId,
      name: raw.senderNick,
      corpId: raw.senderCorpId,
    },
    robotCode: raw.robotCode,
    corpId: raw.chatbotCorpId,
    contentType: raw.msgtype?.slice(0, 64) ?? (text === '' ? 'unknown' : 'text'),
    text,
    sentAtMs: raw.createAt,
    replyWebhook: webhookOf(raw, receivedAtMs),
    quotaNotice: quotaNoticeOf(raw, text),
    parts,
    quote: readQuote(raw, raw.chatbotUserId),
    mentions: mentionsOf(raw),
    isBotMentioned: flagOf(raw['isInAtList']),
    isSenderAdmin: flagOf(raw['isAdmin']),
    openThreadId: raw.openThreadId,
    senderPlatform: raw.senderPlatform,
    hosting: hostingOf(raw),
  };
}

/** Null when the platform does not say. */
const flagOf = (value: unknown): boolean | null =>
  value === undefined || value === null ? null : looseFlag.parse(value);

/** `atUsers` has the bot itself among the people (§4.2). */
function mentionsOf(raw: RobotMessage): MentionedPerson[] {
  return asList(raw['atUsers'])
    .slice(0, MAX_MENTIONS)
    .flatMap((entry) => {
      const person = asObject(entry);
      if (person === null) return [];
      const opaqueId = looseId.parse(person['dingtalkId']);
      return {
        opaqueId,
        staffId: looseId.parse(person['staffId']),
        unionId: looseId.parse(person['unionId']),
        isBot: opaqueId !== null && opaqueId === raw.chatbotUserId,
      };
    });
}

function hostingOf(raw: RobotMessage): { userId: string | null; name: string | null } | null {
  const context = asObject(raw['hostingContext']);
  if (context === null) return null;
  return { userId: looseId.parse(context['userId']), name: looseName.parse(context['nick']) };
}

/** `"1"` is a person alone with the bot, `"2"` a group; only groups have a title. */
function kindOf({ conversationType, conversationTitle }: RobotMessage): ConversationKind {
  if (conversationType === '1') return 'direct';
  if (conversationType === '2') return 'group';
  return conversationTitle === null ? 'direct' : 'group';
}

function webhookOf(raw: RobotMessage, receivedAtMs: number): ReplyWebhook | null {
  const url = raw.sessionWebhook?.trim() ?? '';
  if (!/^https?:\/\//i.test(url)) return null;
  return {
    url,
    expiresAtMs: raw.sessionWebhookExpiredTime ?? (raw.createAt ?? receivedAtMs) + WEBHOOK_LIFE_MS,
  };
}

/** The quota frame of §4.5 carries a code instead of words; both spellings were seen. */
function quotaNoticeOf(raw: RobotMessage, text: string): InboundMessage['quotaNotice'] {
  const code = raw.errorCode ?? raw.errCode;
  if (code === null || code === '0' || text !== '') return null;
  return { code, message: raw.errorMessage ?? raw.errMsg ?? '' };
}
