import type { ReplyDelta } from '@common/contracts';

/** Deltas in, newest whole text out. A gap ends it: what follows is only known from the committed answer. */
export class ReplyBuffer {
  private words = '';
  private note: string | null = null;

  /** The words, and below them what is being done right now. */
  get text(): string {
    if (!this.note) return this.words;
    return this.words === '' ? this.note : `${this.words}\n\n${this.note}`;
  }

  /** The words alone. */
  get said(): string {
    return this.words;
  }

  take(deltas: readonly ReplyDelta[]): void {
    for (const { offset, text, note } of deltas) {
      if (offset > this.words.length) return;
      if (offset + text.length >= this.words.length) this.note = note ?? null;
      // A repeated delta changes nothing.
      if (offset + text.length > this.words.length) this.words = this.words.slice(0, offset) + text;
    }
  }
}
