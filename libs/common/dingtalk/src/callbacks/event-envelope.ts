import { randomBytes } from 'node:crypto';

import type { Secret } from '@common/config';

import { asObject, looseId, parseJson } from '../wire/tolerant';
import { CallbackRefusedError } from './callback.errors';
import { eventSignature, isSameText } from './callback-signatures';
import { EventCipher, type OpenedEvent } from './event-cipher';

/** What the developer console shows once: with them events are signed and encrypted. */
export interface EventKeys {
  readonly token: Secret;
  readonly aesKey: Secret;
}

/** What the platform puts into the address of an event callback (enterprise reference §D.2). */
export interface EventStamp {
  readonly signature: string;
  readonly timestamp: string;
  readonly nonce: string;
}

/** The answer the platform wants to an event (§D.4). */
export interface EventAnswer {
  readonly msg_signature: string;
  readonly timeStamp: string;
  readonly nonce: string;
  readonly encrypt: string;
}

/** An event that is proven to come from the platform. */
export interface VerifiedEvent extends OpenedEvent {
  readonly keys: EventKeys;
}

/**
 * The stamp in the address. `msg_signature` and `signature` say the same; either may be missing, they may not differ
 * (E94). Relays spell `timestamp` with a capital S. However old it is: it signs the event itself, and an event that comes
 * again does nothing (E98); a platform, a relay or a failed list may well be late.
 * @throws CallbackRefusedError when it is not whole, before anything else is looked at
 */
export function readEventStamp(query: URLSearchParams): EventStamp {
  const [long, short] = [query.get('msg_signature'), query.get('signature')];
  const signature = long ?? short;
  const timestamp = query.get('timestamp') ?? query.get('timeStamp');
  const nonce = query.get('nonce');
  if (!signature || !timestamp || nonce === null)
    throw new CallbackRefusedError('signature_missing');
  if (long !== null && short !== null && long !== short)
    throw new CallbackRefusedError('signature_wrong');
  return { signature, timestamp, nonce };
}

/**
 * Verifies, then decrypts: what has a wrong signature never reaches the cipher (E92).
 * @param allKeys of the channel: the present pair, and the one before while it is still accepted
 * @throws CallbackRefusedError
 */
export function openEvent(
  body: string,
  stamp: EventStamp,
  allKeys: readonly EventKeys[],
): VerifiedEvent {
  const encrypt = asObject(parseJson(body))?.['encrypt'];
  if (typeof encrypt !== 'string') throw new CallbackRefusedError('signature_wrong');
  // Each pair is tried, so that the time does not tell which of them was right.
  const right = allKeys.filter(({ token }) =>
    isSameText(eventSignature(token, stamp.timestamp, stamp.nonce, encrypt), stamp.signature),
  );
  const [keys] = right;
  if (!keys) throw new CallbackRefusedError('signature_wrong');
  return { ...new EventCipher(keys.aesKey).open(encrypt), keys };
}

/**
 * What a check event wants to read in the answer: `success`, or its own random word. Null for an ordinary event
 * (§D.4).
 */
export function checkWordOf(message: string): string | null {
  const event = asObject(parseJson(message)) ?? {};
  switch (event['EventType']) {
    case 'check_url':
      return 'success';
    case 'check_create_suite_url':
    case 'check_update_suite_url':
      return looseId.parse(event['Random']) ?? looseId.parse(event['TestSuiteKey']) ?? 'success';
    default:
      return null;
  }
}

/** The encrypted, signed answer; a plain `success` does not count. */
export function answerEvent(
  { keys, owner }: Pick<VerifiedEvent, 'keys' | 'owner'>,
  nowMs: number,
  word = 'success',
): EventAnswer {
  const timeStamp = String(nowMs);
  const nonce = randomBytes(8).toString('hex');
  const encrypt = new EventCipher(keys.aesKey).seal(word, owner);
  return {
    msg_signature: eventSignature(keys.token, timeStamp, nonce, encrypt),
    timeStamp,
    nonce,
    encrypt,
  };
}
