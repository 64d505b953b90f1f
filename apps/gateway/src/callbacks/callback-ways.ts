import { createHash } from 'node:crypto';

import {
  answerEvent,
  CallbackRefusedError,
  CARD_ACTION_TOPIC,
  checkWordOf,
  isDataRequest,
  openEvent,
  readEvent,
  readEventStamp,
  ROBOT_MESSAGE_TOPIC,
  type StreamFrame,
  type VerifiedEvent,
  verifyCardHeaders,
  verifyRobotHeaders,
} from '@common/dingtalk';

import type { CallbackChannel, CallbackRequest, CallbackWay } from './callback-channel';

/** A callback that is proven to come from the platform. */
export interface OpenedCallback {
  /** The same push as it would have come over Stream; null when there is nothing to keep. */
  readonly frame: StreamFrame | null;
  /** What the platform wants to read once the frame is durable. */
  readonly answer: () => object;
}

/** Opens the body of a callback whose address and headers were found right. @throws CallbackRefusedError */
export type OpenBody = (body: string) => OpenedCallback;

/**
 * Looks at address and headers, so that a body is read only for the few who know a secret or could. Null where the channel
 * has no such callback. @throws CallbackRefusedError
 */
type Admit = (channel: CallbackChannel, request: CallbackRequest, nowMs: number) => OpenBody | null;

/** Organisation and group events: `msg_signature` and AES (enterprise reference §D). */
const events: Admit = (channel, { query }, nowMs) => {
  if (channel.eventKeys.length === 0) return null;
  const stamp = readEventStamp(query);
  return (body) => {
    const verified = openEvent(body, stamp, channel.eventKeys);
    refuseForeign(verified, channel);
    const word = checkWordOf(verified.message);
    return {
      frame: word === null ? frameOf('EVENT', '*', verified.message, nowMs) : null,
      answer: () => answerEvent(verified, nowMs, word ?? undefined),
    };
  };
};

/** Of another app or another organisation, though rightly signed (E91, E102). */
function refuseForeign({ owner, message }: VerifiedEvent, channel: CallbackChannel): void {
  const isApp = owner === channel.clientId;
  if (!isApp && !channel.corpIds.includes(owner)) throw new CallbackRefusedError('owner_mismatch');
  const { corpId } = readEvent({}, message);
  const wanted = isApp ? channel.corpId : owner;
  if (corpId !== null && wanted !== null && corpId !== wanted)
    throw new CallbackRefusedError('corp_mismatch');
}

/** Robot messages: `timestamp` and `sign` (messaging reference §4.1). The same JSON as over Stream. */
const messages: Admit = (channel, { headers }, nowMs) => {
  verifyRobotHeaders(headers, channel.appSecrets, nowMs);
  return (body) => ({
    frame: frameOf('CALLBACK', ROBOT_MESSAGE_TOPIC, body, nowMs),
    answer: () => ({}),
  });
};

/**
 * Card actions: `x-ddpaas-signature` (enterprise reference §F.4). The platform gives a click no id. A card's clicks come one
 * way only, the one its creation named, so a push is named by its signed time and text: a relay's repetition is the same
 * push, a second click another one.
 */
const cards: Admit = (channel, { headers }, nowMs) => {
  if (channel.cardSecrets.length === 0) return null;
  const time = verifyCardHeaders(headers, channel.cardSecrets, nowMs);
  return (body) => ({
    frame: isDataRequest(body)
      ? null
      : frameOf('CALLBACK', CARD_ACTION_TOPIC, body, nowMs, `http-${hashOf(`${time}\0${body}`)}`),
    // What a click causes follows by card update; an empty object changes nothing.
    answer: () => ({}),
  });
};

export const admissions: Readonly<Record<CallbackWay, Admit>> = { events, messages, cards };

const frameOf = (
  type: StreamFrame['type'],
  topic: string,
  data: string,
  receivedAtMs: number,
  messageId = '',
): StreamFrame => ({ type, topic, messageId, headers: {}, data, receivedAtMs });

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
