import type { ReplyDelta } from '@common/contracts';

/** Deltas in, newest whole text out. A gap ends it: what follows is only known from the committed answer. */
export class ReplyBuffer {
  private words = '';

  get text(): string {
    return this.words;
  }

  take(deltas: readonly ReplyDelta[]): void {
    for (const { offset, text } of deltas) {
      if (offset > this.words.length) return;
      // A repeated delta changes nothing.
      if (offset + text.length > this.words.length) this.words = this.words.slice(0, offset) + text;
    }
  }
}
