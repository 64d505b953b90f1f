import type { Mention } from '../world/conversation.types';
import type { Directory } from '../world/directory';
import { isRecord } from './api-route';

/** A bot message as people read it. `text` is Markdown unless msgtype is text. */
export interface MessageView {
  readonly msgtype: string;
  readonly title: string;
  readonly text: string;
}

const field = (part: Record<string, unknown>, key: string): string => String(part[key] ?? '');
const link = (label: string, url: string): string => `[${label.replace(/[[\]]/g, '')}](${url})`;

/** Reads a webhook body (§5.2); undefined when the msgtype is not one of them or its part is missing. */
export function viewOfWebhook(body: Readonly<Record<string, unknown>>): MessageView | undefined {
  const msgtype = typeof body['msgtype'] === 'string' ? body['msgtype'] : '';
  if (msgtype === 'empty') return { msgtype, title: '', text: '' };
  const part = body[msgtype];
  if (!isRecord(part)) return undefined;
  const title = field(part, 'title');
  switch (msgtype) {
    case 'text':
      return typeof part['content'] === 'string'
        ? { msgtype, title: '', text: part['content'] }
        : undefined;
    case 'markdown':
      return typeof part['text'] === 'string' ? { msgtype, title, text: part['text'] } : undefined;
    case 'link':
      return {
        msgtype,
        title,
        text: `${link(title, field(part, 'messageUrl'))}\n\n${field(part, 'text')}`,
      };
    case 'actionCard':
      return { msgtype, title, text: `${field(part, 'text')}\n\n${buttonsOf(part)}` };
    case 'feedCard':
      return { msgtype, title: '', text: feedOf(part) };
    default:
      return undefined;
  }
}

function buttonsOf(part: Record<string, unknown>): string {
  const many = Array.isArray(part['btns']) ? part['btns'].filter(isRecord) : [];
  if (many.length === 0) return link(field(part, 'singleTitle'), field(part, 'singleURL'));
  return many.map((button) => link(field(button, 'title'), field(button, 'actionURL'))).join(' · ');
}

function feedOf(part: Record<string, unknown>): string {
  const links = Array.isArray(part['links']) ? part['links'].filter(isRecord) : [];
  return links.map((one) => `- ${link(field(one, 'title'), field(one, 'messageURL'))}`).join('\n');
}

type Params = Record<string, unknown>;
const actions = (count: number) => ({
  keys: ['title', 'text', ...numbered(count, 'actionTitle'), ...numbered(count, 'actionURL')],
  view: (p: Params) =>
    [
      field(p, 'text'),
      ...upTo(count).map((n) => link(field(p, `actionTitle${n}`), field(p, `actionURL${n}`))),
    ].join('\n\n'),
});
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
const numbered = (count: number, key: string): string[] => upTo(count).map((n) => `${key}${n}`);

/** `msgKey` → required keys of `msgParam` and how people see it (§5.5). */
const MSG_KEYS: Readonly<
  Record<string, { keys: readonly string[]; view: (params: Params) => string }>
> = {
  sampleText: { keys: ['content'], view: (p) => field(p, 'content') },
  sampleMarkdown: { keys: ['title', 'text'], view: (p) => field(p, 'text') },
  sampleImageMsg: { keys: ['photoURL'], view: (p) => `![image](${field(p, 'photoURL')})` },
  sampleLink: {
    keys: ['title', 'text', 'messageUrl'],
    view: (p) => `${link(field(p, 'title'), field(p, 'messageUrl'))}\n\n${field(p, 'text')}`,
  },
  sampleActionCard: {
    keys: ['title', 'text', 'singleTitle', 'singleURL'],
    view: (p) => `${field(p, 'text')}\n\n${link(field(p, 'singleTitle'), field(p, 'singleURL'))}`,
  },
  sampleActionCard2: actions(2),
  sampleActionCard3: actions(3),
  sampleActionCard4: actions(4),
  sampleActionCard5: actions(5),
  sampleActionCard6: {
    keys: ['title', 'text', 'buttonTitle1', 'buttonUrl1', 'buttonTitle2', 'buttonUrl2'],
    view: (p) =>
      `${field(p, 'text')}\n\n${[1, 2].map((n) => link(field(p, `buttonTitle${n}`), field(p, `buttonUrl${n}`))).join(' · ')}`,
  },
  sampleAudio: { keys: ['mediaId', 'duration'], view: () => '🔊' },
  sampleFile: {
    keys: ['mediaId', 'fileName', 'fileType'],
    view: (p) =>
      link(`📄 ${field(p, 'fileName')}`, `/media/${encodeURIComponent(field(p, 'mediaId'))}`),
  },
  sampleVideo: { keys: ['duration', 'videoMediaId', 'videoType', 'picMediaId'], view: () => '🎬' },
};

export const isMsgKey = (msgKey: string): boolean => Object.hasOwn(MSG_KEYS, msgKey);

/** Reads a robot message (§5.5); undefined when a required key of the template is missing. */
export function viewOfTemplate(msgKey: string, params: Params): MessageView | undefined {
  const template = MSG_KEYS[msgKey];
  if (!template || template.keys.some((key) => params[key] === undefined)) return undefined;
  const msgtype = msgKey === 'sampleText' ? 'text' : 'markdown';
  return { msgtype, title: field(params, 'title'), text: template.view(params) };
}

/** Whom a webhook message really mentions: the id must be in `at` and `@id` in the text (§5.2). */
export function mentionsOf(directory: Directory, at: unknown, message: string): Mention[] {
  if (!isRecord(at)) return [];
  if (at['isAtAll'] === true) return [{ id: '@ALL', name: '@ALL' }];
  const ids = Array.isArray(at['atUserIds']) ? at['atUserIds'].map(String) : [];
  return ids
    .filter((id) => message.includes(`@${id}`))
    .slice(0, 50)
    .map((id) => ({ id, name: directory.person(id)?.name ?? id }));
}
