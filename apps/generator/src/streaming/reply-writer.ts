import type { ReplyDelta } from '@common/contracts';

/** Where a writer's pending words go; implemented by the process-wide flusher. */
export interface ReplySink {
  /** Asks for a flush: at once for the first words of an answer, else with the next round. */
  wants(writer: ReplyWriter, soon: boolean): void;
}

/**
 * The running words of one attempt. Keeps the whole text (the committed answer comes from here) and hands out what was
 * not sent yet, never half a character: an emoji that a provider cut in two stays back until it is whole.
 */
export class ReplyWriter {
  /** For the timeline. */
  firstWordsAt: Date | null = null;
  private text = '';
  /** Where asides stand in the text, which is shown and not remembered. */
  private readonly asides: { readonly at: number; readonly length: number }[] = [];
  private sent = 0;
  private hasTold = false;
  private endsOpen = false;
  private pendingNote: string | null = null;

  constructor(
    readonly turnId: string,
    readonly attempt: number,
    private readonly sink: ReplySink,
  ) {}

  get whole(): string {
    return this.text;
  }

  /** The whole without its asides. */
  get remembered(): string {
    let from = 0;
    let kept = '';
    for (const { at, length } of this.asides) {
      kept += this.text.slice(from, at);
      from = at + length;
    }
    return kept + this.text.slice(from);
  }

  /** @param aside shown before the piece, and not remembered */
  write(piece: string, aside = ''): void {
    if (aside !== '') this.asides.push({ at: this.text.length, length: aside.length });
    this.append(aside + piece);
  }

  /** One line about what is being done; the next words replace it. */
  note(line: string): void {
    this.pendingNote = line;
    this.ask();
  }

  /** What was not sent yet; null when there is nothing. */
  take(): ReplyDelta | null {
    const end = this.sendableEnd;
    const note = this.pendingNote;
    if (end <= this.sent && note === null) return null;
    const delta = { offset: this.sent, text: this.text.slice(this.sent, end) };
    this.sent = Math.max(this.sent, end);
    this.pendingNote = null;
    return note === null ? delta : { ...delta, note };
  }

  private append(piece: string): void {
    if (piece === '') return;
    this.text += piece;
    this.endsOpen = isOpen(piece);
    this.firstWordsAt ??= new Date();
    // Later on an empty round costs nothing.
    if (!this.hasTold && this.endsOpen && this.sendableEnd <= this.sent) return;
    this.ask();
  }

  private ask(): void {
    this.sink.wants(this, !this.hasTold);
    this.hasTold = true;
  }

  /** The end of the last character that nothing can be added to. Only the tail is looked at, and only when it may be cut. */
  private get sendableEnd(): number {
    if (!this.endsOpen) return this.text.length;
    const from = Math.max(this.sent, this.text.length - LONGEST_CHARACTER);
    // Half a pair is no character yet, and may belong to the one before it.
    const tail = this.text.slice(from).replace(/[\ud800-\udbff]$/, '');
    if (!isOpen(tail)) return from + tail.length;
    let last = from;
    for (const { index } of characters.segment(tail)) last = from + index;
    return last;
  }
}

/** Code units of the longest character that is kept together; the longest emoji family has 11. */
const LONGEST_CHARACTER = 64;
const characters = new Intl.Segmenter('und', { granularity: 'grapheme' });

/**
 * Whether what comes next may still belong to the last character: halves of pairs, emoji and their joints, scripts that
 * stack marks. Latin letters and Chinese do not wait for an accent that nearly never comes.
 */
function isOpen(piece: string): boolean {
  const last = piece.charCodeAt(piece.length - 1);
  return last >= 0x300 && !(last >= 0x2e80 && last < 0xd800) && !(last >= 0xff00 && last < 0xfff0);
}
