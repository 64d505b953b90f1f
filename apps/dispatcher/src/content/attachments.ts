import type { MessagePart, QuotedMessage } from '@common/domain';

import type { LaneEvent } from '../inbound/lane-event';
import { cleanFileName } from './file-name';

/** Of one message, those in what it quotes and forwards included. */
const MOST = 10;

/** Something in a message that can be fetched. */
export interface Attachment {
  /** Its number in the turn: how the words name it. */
  readonly n: number;
  readonly kind: 'picture' | 'audio' | 'video' | 'file';
  readonly name: string | null;
  readonly downloadCode: string;
}

type Message = Pick<LaneEvent['message'], 'parts' | 'quote'>;

/** What can be fetched of a message, in the order in which its words name it. */
export class Attachments {
  readonly all: readonly Attachment[];
  private readonly numbers = new Map<MessagePart, number>();

  /** @param before how many the turn has already */
  constructor(message: Message, before = 0) {
    const found: Attachment[] = [];
    for (const part of partsOf(message)) {
      const downloadCode = 'downloadCode' in part ? part.downloadCode : null;
      if (!('downloadCode' in part) || downloadCode === null || found.length >= MOST) continue;
      const n = before + found.length + 1;
      this.numbers.set(part, n);
      found.push({ n, kind: part.kind, name: nameOf(part, n), downloadCode });
    }
    this.all = found;
  }

  /** Undefined: it cannot be fetched, or there are too many. */
  numberOf(part: MessagePart): number | undefined {
    return this.numbers.get(part);
  }
}

/** Own words, then what is quoted, then what is forwarded: as `questionText` writes them. */
function partsOf({ parts = [], quote }: Message): MessagePart[] {
  const isRecord = (part: MessagePart) => part.kind === 'chat_record';
  const own = parts.filter((part) => !isRecord(part));
  return [...own, ...(quote ? quotedParts(quote) : []), ...parts.flatMap(recorded)];
}

const quotedParts = ({ parts, quote }: QuotedMessage): MessagePart[] => [
  ...parts.flatMap((part) => (part.kind === 'chat_record' ? recorded(part) : [part])),
  ...(quote ? quotedParts(quote) : []),
];

const recorded = (part: MessagePart): MessagePart[] =>
  part.kind === 'chat_record'
    ? part.entries.flatMap(({ parts }) => parts.filter(({ kind }) => kind !== 'chat_record'))
    : [];

/** A name for what has none: others want one. */
function nameOf(part: MessagePart, n: number): string | null {
  if (part.kind === 'file') return cleanFileName(part.name);
  if (part.kind === 'video')
    return `video-${n}.${/^\w{1,8}$/.exec(part.format ?? '')?.[0] ?? 'mp4'}`;
  return null;
}
