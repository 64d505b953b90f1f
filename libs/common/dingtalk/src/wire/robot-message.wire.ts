import type { ConversationKind, InboundMessage, ReplyWebhook } from '@common/domain';
import { z } from 'zod';

import { MalformedMessageError } from './malformed-message.error';
import { readText } from './message-text';
import { asObject, looseId, looseMs, looseName, looseText } from './tolerant';

/** Life of a session webhook when the message does not say it (messaging reference §4.2). */
const WEBHOOK_LIFE_MS = 90 * 60_000;

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
  const text = readText(raw.msgtype, raw, raw.chatbotUserId);
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
  };
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
