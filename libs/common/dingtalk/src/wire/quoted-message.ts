import type { QuotedMessage } from '@common/domain';

import { readParts } from './message-parts';
import { wordsOf } from './message-text';
import { asObject, type Fields, looseId, looseMs, looseName } from './tolerant';

/** A quote of a quote of a quote; what lies deeper is not read. */
const MAX_LEVELS = 3;

/**
 * The message that this one answers (messaging reference §4.4): `repliedMsg` beside the words, or the older `quoteMessage`.
 * Everything in it is optional; when only its id is known the quote has no parts. Null when nothing was quoted.
 */
export function readQuote(
  fields: Fields,
  robotUserId: string | null,
  level: number = 1,
): QuotedMessage | null {
  const quoted = level > MAX_LEVELS ? null : quotedIn(fields);
  const messageId = looseId.parse(quoted?.['msgId'] ?? fields['originalMsgId']);
  const processQueryKey = looseId.parse(
    quoted?.['processQueryKey'] ?? fields['originalProcessQueryKey'],
  );
  if (quoted === null && messageId === null && processQueryKey === null) return null;
  return { messageId, processQueryKey, ...contentOf(quoted ?? {}, robotUserId, level) };
}

function quotedIn(fields: Fields): Fields | null {
  const places = [asObject(fields['text']), asObject(fields['content']), fields];
  for (const place of places) {
    const quoted = asObject(place?.['repliedMsg']) ?? asObject(place?.['quoteMessage']);
    if (quoted !== null) return quoted;
  }
  return null;
}

function contentOf(
  quoted: Fields,
  robotUserId: string | null,
  level: number,
): Omit<QuotedMessage, 'messageId' | 'processQueryKey'> {
  const type = looseId.parse(quoted['msgType'] ?? quoted['msgtype']);
  const opaqueId = looseId.parse(quoted['senderId']);
  const parts = readParts(type, quoted, { robotUserId, depth: 0 });
  return {
    contentType: type?.slice(0, 64) ?? (parts.length > 0 ? 'text' : 'unknown'),
    sender: {
      opaqueId,
      staffId: looseId.parse(quoted['senderStaffId']),
      name: looseName.parse(quoted['senderNick']),
      isBot: opaqueId !== null && opaqueId === robotUserId,
    },
    sentAtMs: looseMs.parse(quoted['createdAt'] ?? quoted['createAt']),
    text: wordsOf(parts),
    parts,
    quote: readQuote(quoted, robotUserId, level + 1),
  };
}
