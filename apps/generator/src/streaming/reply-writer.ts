/** Where a writer's pending words go; implemented by the process-wide flusher. */
export interface ReplySink {
  /** Asks for a flush: at once for the first words of an answer, else with the next round. */
  wants(writer: ReplyWriter, soon: boolean): void;
}

/**
 * The running words of one attempt. Keeps the whole text (the committed answer comes from here) and hands out what was
 * not sent yet, never half a character: a pair that a provider cut in two stays back until it is whole.
 */
export class ReplyWriter {
  /** For the timeline. */
  firstWordsAt: Date | null = null;
  private text = '';
  private sent = 0;

  constructor(
    readonly turnId: string,
    readonly attempt: number,
    private readonly sink: ReplySink,
  ) {}

  get whole(): string {
    return this.text;
  }

  write(piece: string): void {
    if (piece === '') return;
    this.text += piece;
    this.firstWordsAt ??= new Date();
    if (this.sendableEnd > this.sent) this.sink.wants(this, this.sent === 0);
  }

  /** What was not sent yet; null when there is nothing. */
  take(): { readonly offset: number; readonly text: string } | null {
    const end = this.sendableEnd;
    if (end <= this.sent) return null;
    const delta = { offset: this.sent, text: this.text.slice(this.sent, end) };
    this.sent = end;
    return delta;
  }

  private get sendableEnd(): number {
    const last = this.text.charCodeAt(this.text.length - 1);
    const isHighSurrogate = last >= 0xd800 && last <= 0xdbff;
    return isHighSurrogate ? this.text.length - 1 : this.text.length;
  }
}
