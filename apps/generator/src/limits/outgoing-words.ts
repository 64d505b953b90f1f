import type { ReplyWriter } from '../streaming/reply-writer';
import type { ContentFilter } from './content-filter';

/** The words of an answer on their way to the reader, through the channel's rules. */
export class OutgoingWords {
  constructor(
    readonly writer: ReplyWriter,
    readonly filter: ContentFilter,
  ) {}

  /** @throws ContentDeniedError */
  write({ text, aside = '' }: { readonly text: string; readonly aside?: string }): void {
    this.writer.write(this.filter.push(text), aside === '' ? '' : this.filter.whole(aside));
  }

  /** @throws ContentDeniedError */
  end(): void {
    this.writer.write(this.filter.end());
  }
}
