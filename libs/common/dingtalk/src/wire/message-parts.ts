import type { MessagePart } from '@common/domain';
import { storableText } from '@common/kernel';

import { type PartsContext, readChatRecord } from './chat-record';
import { asList, asObject, type Fields, looseId, looseMs, looseName, looseText } from './tolerant';

/** Most pieces of one message that are kept; real ones have a handful. */
const MAX_PARTS = 200;
/** A video that claims less than this many ms says seconds: both units were seen (§4.3). */
const SHORTEST_VIDEO_MS = 1_000;

/**
 * The pieces of a robot message, of a quoted message or of an entry of a chat record, by `msgtype` (messaging reference
 * §4.3). Never throws; a type we do not know is one part that says so.
 * @param fields `content` and `text` of the message, as objects or JSON strings
 */
export function readParts(
  msgtype: string | null,
  fields: Fields,
  context: PartsContext,
): MessagePart[] {
  const content = asObject(fields['content']) ?? {};
  switch (msgtype) {
    case null:
    case 'text':
    case 'markdown':
      return text(wordsIn(fields, content));
    case 'richText':
      return richText(content['richText'] ?? fields['richText'], context);
    case 'chatRecord':
      return [readChatRecord(content, context, readParts)];
    default:
      return [mediaPart(msgtype, content) ?? { kind: 'unknown', type: typeName(msgtype, content) }];
  }
}

function wordsIn(fields: Fields, content: Fields): string {
  const words = asObject(fields['text']) ?? {};
  return firstString(
    words['content'],
    fields['text'],
    content['content'],
    content['text'],
    // Quotes and chat records may say it directly.
    asObject(fields['content']) === null ? fields['content'] : null,
  );
}

/** One file of some kind; null when the type is none of them. */
function mediaPart(type: string, content: Fields): MessagePart | null {
  const downloadCode =
    looseId.parse(content['downloadCode']) ?? looseId.parse(content['pictureDownloadCode']);
  switch (type) {
    case 'picture':
      return { kind: 'picture', downloadCode };
    case 'audio':
      return {
        kind: 'audio',
        durationMs: looseMs.parse(content['duration']),
        recognition: looseText.parse(content['recognition'])?.trim() || null,
        downloadCode,
      };
    case 'video':
      return {
        kind: 'video',
        durationMs: videoMs(looseMs.parse(content['duration'])),
        format: looseId.parse(content['videoType']),
        downloadCode,
      };
    case 'file':
      return {
        kind: 'file',
        name: looseName.parse(content['fileName']),
        ...drive(content),
        downloadCode,
      };
    case 'interactiveCard':
      return documentPart(content);
    default:
      return null;
  }
}

const drive = (content: Fields) => ({
  fileId: looseId.parse(content['fileId']),
  spaceId: looseId.parse(content['spaceId']),
});

/** The link names the file of a shared document: `…route=previewDentry&type=file&spaceId=…&fileId=…`. */
function documentPart(content: Fields): MessagePart {
  const url = looseText.parse(content['biz_custom_action_url']);
  const named = new URLSearchParams(url?.slice(url.indexOf('?') + 1) ?? '');
  return {
    kind: 'document',
    url,
    fileId: looseId.parse(named.get('fileId') ?? content['fileId']),
    spaceId: looseId.parse(named.get('spaceId') ?? content['spaceId']),
  };
}

const videoMs = (value: number | null): number | null =>
  value !== null && value < SHORTEST_VIDEO_MS ? value * 1_000 : value;

const typeName = (type: string, content: Fields): string =>
  (looseId.parse(content['unknownMsgType']) ?? type).slice(0, 64);

/** Items of both shapes: `{type, text}` as documented, `{msgType, content}` as seen in quotes. */
function richText(items: unknown, context: PartsContext): MessagePart[] {
  return asList(items)
    .slice(0, MAX_PARTS)
    .flatMap((item) => richTextItem(asObject(item), context));
}

/** An item without a type is text. */
function richTextItem(item: Fields | null, { robotUserId }: PartsContext): MessagePart[] {
  if (item === null) return [];
  const type = looseId.parse(item['type'] ?? item['msgType']) ?? 'text';
  if (type === 'text' || type === 'emoji') return text(firstString(item['text'], item['content']));
  if (type === 'at') return [mention(item, robotUserId)];
  return [
    mediaPart(type, { ...asObject(item['content']), ...item }) ?? {
      kind: 'unknown',
      type: type.slice(0, 64),
    },
  ];
}

function mention(item: Fields, robotUserId: string | null): MessagePart {
  const opaqueId = looseId.parse(item['atUserId']);
  return {
    kind: 'mention',
    name: looseName.parse(item['atName'] ?? item['text'])?.replace(/^@/, '') ?? null,
    opaqueId,
    staffId: null,
    unionId: null,
    isBot: opaqueId !== null && opaqueId === robotUserId,
  };
}

const text = (words: string): MessagePart[] =>
  words === '' ? [] : [{ kind: 'text', text: storableText(words) }];

/** A JSON string that was parsed elsewhere is an object by now; only real text and numbers are words. */
function firstString(...candidates: readonly unknown[]): string {
  for (const candidate of candidates) {
    if (typeof candidate === 'string') return candidate;
    if (typeof candidate === 'number') return String(candidate);
  }
  return '';
}
