import type { ChatRecordEntry, MessagePart } from '@common/domain';

import { asList, asObject, type Fields, looseId, looseMs, looseName, looseText } from './tolerant';

/** Most forwarded messages that are kept of one record. */
const MAX_ENTRIES = 200;
/** Records inside records are read this deep; what lies deeper keeps its title and summary. */
const MAX_DEPTH = 3;

/** What is around the parts of a message and decides how they are read. */
export interface PartsContext {
  /** The bot's own id in the chat (`chatbotUserId`). */
  readonly robotUserId: string | null;
  /** How many chat records this one lies in. */
  readonly depth: number;
}

/** Reads the pieces of one entry, which is a message like any other. */
type ReadParts = (
  msgtype: string | null,
  fields: Fields,
  context: PartsContext,
) => readonly MessagePart[];

/** A forwarded chat (messaging reference §4.3): the list comes under three names, as array or JSON string. */
export function readChatRecord(
  content: Fields,
  context: PartsContext,
  readParts: ReadParts,
): MessagePart {
  const depth = context.depth + 1;
  const list = [content['chatRecord'], content['records'], content['messages']]
    .map(asList)
    .find(({ length }) => length > 0);
  return {
    kind: 'chat_record',
    title: looseName.parse(content['title']),
    summary: looseText.parse(content['summary']),
    entries:
      depth > MAX_DEPTH
        ? []
        : (list ?? [])
            .slice(0, MAX_ENTRIES)
            .flatMap((item) => entryOf(item, { ...context, depth }, readParts)),
  };
}

function entryOf(item: unknown, context: PartsContext, readParts: ReadParts): ChatRecordEntry[] {
  const fields = asObject(item);
  if (fields === null) return [];
  const type = looseId.parse(fields['msgType'] ?? fields['msgtype'] ?? fields['type']);
  return [
    {
      senderName: looseName.parse(
        fields['senderNick'] ?? fields['senderName'] ?? fields['sender'] ?? fields['nick'],
      ),
      sentAtMs: looseMs.parse(fields['createAt'] ?? fields['createdAt'] ?? fields['time']),
      parts: readParts(type, fields, context),
    },
  ];
}
