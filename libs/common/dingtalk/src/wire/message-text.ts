import { storableText } from '@common/kernel';

import { asObject } from './tolerant';

type Fields = Readonly<Record<string, unknown>>;

/** Zero-width characters that `trim` leaves alone; a joiner inside an emoji is not at an edge. */
const INVISIBLE_EDGES = /^[\s\u200b\u2060]+|[\s\u200b\u2060]+$/g;

/**
 * The words of a robot message by `msgtype` (messaging reference §4.3), trimmed including NBSP and U+2005, which
 * groups leave after a mention. '' for types without words and for unknown ones.
 * @param robotUserId the bot's own id in the chat: a mention of it is no part of the question
 */
export function readText(
  msgtype: string | null,
  fields: Fields,
  robotUserId: string | null,
): string {
  return clean(wordsOf(msgtype, fields, robotUserId));
}

function wordsOf(msgtype: string | null, fields: Fields, robotUserId: string | null): string {
  const content = asObject(fields['content']) ?? {};
  const text = asObject(fields['text']) ?? {};
  switch (msgtype) {
    case null:
    case 'text':
      return firstString(text['content'], fields['text'], content['content'], content['text']);
    case 'richText':
      return richText(content['richText'] ?? fields['richText'], robotUserId);
    case 'audio':
      return firstString(content['recognition']);
    case 'markdown':
      return firstString(content['text'], text['content'], text['text'], content['content']);
    default:
      return '';
  }
}

/** Joins the pieces as they were written; a picture between two of them separates lines. */
function richText(items: unknown, robotUserId: string | null): string {
  if (!Array.isArray(items)) return '';
  let joined = '';
  for (const item of items.map((entry: unknown) => asObject(entry) ?? {})) {
    if (isPicture(item)) joined += joined === '' || joined.endsWith('\n') ? '' : '\n';
    else joined += wordsOfItem(item, robotUserId);
  }
  return joined;
}

const isPicture = (item: Fields): boolean =>
  item['type'] === 'picture' || item['msgType'] === 'picture';

/** An item without a type is text; unknown types have no words for us. */
function wordsOfItem(item: Fields, robotUserId: string | null): string {
  const type = item['type'] ?? item['msgType'] ?? 'text';
  if (type === 'text' || type === 'emoji') return firstString(item['text'], item['content']);
  if (type !== 'at' || (robotUserId !== null && item['atUserId'] === robotUserId)) return '';
  const name = firstString(item['atName'], item['text']).replace(/^@/, '');
  return name === '' ? '' : `@${name} `;
}

/** A JSON string that was parsed elsewhere is an object by now; only real text and numbers are words. */
function firstString(...candidates: readonly unknown[]): string {
  for (const candidate of candidates) {
    if (typeof candidate === 'string') return candidate;
    if (typeof candidate === 'number') return String(candidate);
  }
  return '';
}

const clean = (text: string): string =>
  storableText(text).replaceAll('\r\n', '\n').replace(INVISIBLE_EDGES, '');
