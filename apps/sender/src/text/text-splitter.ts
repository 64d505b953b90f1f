import { breaksOf } from './line-breaks';

export interface PieceLimits {
  /** Code points. */
  readonly maxCharacters: number;
  /** UTF-8 bytes of the piece as a JSON string, which is how it travels. */
  readonly maxBytes: number;
}

/** Webhook bodies end at 20 000 bytes, `msgParam` at 15 000 (§5.8); connectors in the field stay below 3 800 characters. */
export const MESSAGE_LIMITS: PieceLimits = { maxCharacters: 3_600, maxBytes: 12_000 };
/** Above about 3 000 Chinese characters a card was seen blank although the API said OK (§6.7). */
export const CARD_LIMITS: PieceLimits = { maxCharacters: 2_400, maxBytes: 9_000 };

/** The line between head and rows of a table. */
const TABLE_RULE = /^\s*\|?(?:\s*:?-+:?\s*\|)+(?:\s*:?-+:?\s*)?$/;
const MAX_HEAD = 400;

const GRAPHEMES = new Intl.Segmenter('und', { granularity: 'grapheme' });
/** A line is cut between words when a piece is so full by then. Frames rely on it: they show more only of settled words. */
const NEARLY = 0.8;

/** Room for the number of the piece and for closing and reopening a code fence. */
const RESERVE = 60;

/**
 * Long Markdown as pieces under the limits, cut between lines, blocks preferred; a code fence that is cut is closed and
 * opened again, a table that is cut gets its head again. Nothing is lost: the pieces' lines are the text's lines.
 * Deterministic: a second run gives the same.
 */
export function splitMarkdown(text: string, limits: PieceLimits): string[] {
  if (fits(text, limits)) return [text];
  const room = {
    maxCharacters: limits.maxCharacters - RESERVE,
    maxBytes: limits.maxBytes - 2 * RESERVE,
  };
  const builder = new PieceBuilder(room);
  for (const line of text.split('\n')) for (const part of cutLine(line, room)) builder.add(part);
  return builder.finish();
}

/** `(1/3)` at the end of each, when there are several. */
export const numbered = (pieces: readonly string[]): string[] =>
  pieces.length === 1
    ? [...pieces]
    : pieces.map((piece, index) => `${piece}\n\n(${index + 1}/${pieces.length})`);

class PieceBuilder {
  private readonly pieces: string[] = [];
  private lines: string[] = [];
  /** The line that opened the code block we are in. */
  private fence: string | null = null;
  /** Nothing stands in that block yet. */
  private isBare = false;
  /** Head and rule of the table we are in. */
  private table: readonly [string, string] | null = null;

  constructor(private readonly room: PieceLimits) {}

  add(line: string): void {
    if (!line.trimStart().startsWith('|')) this.table = null;
    if (this.lines.length > 0 && !fits([...this.lines, line].join('\n'), this.room)) this.close();
    const head = this.lines.at(-1);
    if (this.fence === null && head?.includes('|') && TABLE_RULE.test(line))
      this.table = [head, line];
    this.lines.push(line);
    const before = this.fence;
    const mark = /^\s{0,3}(```+|~~~+)/.exec(line)?.[1];
    if (mark)
      this.fence = this.fence === null ? line : isEndOf(this.fence, line) ? null : this.fence;
    this.isBare = before === null && this.fence !== null;
  }

  finish(): string[] {
    if (this.lines.some((line) => line.trim() !== '')) this.pieces.push(this.lines.join('\n'));
    return this.pieces;
  }

  private close(): void {
    if (this.fence !== null && this.isBare) return this.moveFence(this.fence);
    const kept = this.fence === null ? this.cutAtBlock() : [];
    const piece = this.lines.join('\n');
    const mark = this.fence === null ? null : (/(```+|~~~+)/.exec(this.fence)?.[1] ?? '```');
    this.pieces.push(mark === null ? piece.trimEnd() : `${piece}\n${mark}`);
    this.lines = this.fence === null ? kept : [this.fence];
    this.isBare = this.fence !== null;
    // A head that takes much of a piece is not repeated in each.
    const head = this.table?.join('\n') ?? '';
    if (this.fence === null && kept.length === 0 && this.table && head.length < MAX_HEAD)
      this.lines = [...this.table];
  }

  /** The line that opens a block goes with what stands in it. */
  private moveFence(fence: string): void {
    this.lines.pop();
    const piece = this.lines.join('\n').trimEnd();
    if (piece !== '') this.pieces.push(piece);
    this.lines = [fence];
  }

  /** Outside of code the cut moves back to the last blank line, unless that would leave the piece half empty. */
  private cutAtBlock(): string[] {
    const blank = this.lines.findLastIndex((line) => line.trim() === '');
    if (blank < this.lines.length / 2) return [];
    return this.lines.splice(blank).slice(1);
  }
}

const isEndOf = (opening: string, line: string): boolean =>
  line.trim().startsWith((/(```+|~~~+)/.exec(opening)?.[1] ?? '```').slice(0, 3)) &&
  /^\s*(`+|~+)\s*$/.test(line);

function fits(text: string, { maxCharacters, maxBytes }: PieceLimits): boolean {
  // Cheap bounds first: a UTF-16 unit is at most one code point, and at least a third of its bytes.
  if (text.length > maxCharacters * 2) return false;
  return (
    Array.from(text).length <= maxCharacters && Buffer.byteLength(JSON.stringify(text)) <= maxBytes
  );
}

/** A line that is too long for any piece, cut where the eye expects it. */
function cutLine(line: string, room: PieceLimits): string[] {
  if (fits(line, room)) return [line];
  const parts: string[] = [];
  for (let rest = line; rest !== '';) {
    const at = endOfPart(rest, room);
    parts.push(rest.slice(0, at));
    rest = rest.slice(at);
  }
  return parts;
}

/** Between words when that leaves the piece nearly full, else between grapheme clusters (never inside an emoji). */
function endOfPart(rest: string, { maxCharacters, maxBytes }: PieceLimits): number {
  // More is in no piece; of what begins in one that much is looked at.
  const line = rest.slice(0, 3 * maxCharacters);
  const mayBreakAt = breaksOf(line);
  let [characters, bytes, lastBreak] = [0, 2, 0];
  for (const { segment, index } of GRAPHEMES.segment(line)) {
    const isNearlyFull = characters > NEARLY * maxCharacters || bytes > NEARLY * maxBytes;
    if (isNearlyFull && mayBreakAt(index)) lastBreak = index;
    characters += Array.from(segment).length;
    bytes += Buffer.byteLength(JSON.stringify(segment)) - 2;
    if (index > 0 && (characters > maxCharacters || bytes > maxBytes)) return lastBreak || index;
  }
  return line.length;
}
