const OPEN = '<think>';
const CLOSE = '</think>';

type Part = { readonly text: string } | { readonly reasoning: string };

/**
 * Tells apart what a model thinks and what it says, for models that write both into one text: `<think>…</think>` at the very
 * beginning. Tags may be cut anywhere; what follows is passed on as it is, tags included.
 */
export class ThinkSplitter {
  private mode: 'start' | 'thinking' | 'skipping' | 'saying' = 'start';
  private held = '';

  /** What can be told of this piece; the rest is held until more comes. */
  push(piece: string): Part[] {
    if (this.mode === 'saying') return [{ text: piece }];
    const parts: Part[] = [];
    this.held += piece;
    if (this.mode === 'start') this.begin(parts);
    if (this.mode === 'thinking') this.think(parts);
    if (this.mode === 'skipping') this.skip(parts);
    return parts;
  }

  /** What was held back when the stream ended. */
  end(): Part[] {
    const rest = this.held;
    this.held = '';
    if (rest === '') return [];
    return this.mode === 'thinking' ? [{ reasoning: rest }] : [{ text: rest }];
  }

  private begin(parts: Part[]): void {
    const lead = this.held.trimStart();
    if (lead.length < OPEN.length && OPEN.startsWith(lead)) return;
    this.mode = lead.startsWith(OPEN) ? 'thinking' : 'saying';
    if (this.mode === 'thinking') this.held = lead.slice(OPEN.length);
    else this.release(parts);
  }

  private think(parts: Part[]): void {
    const end = this.held.indexOf(CLOSE);
    const upTo = end >= 0 ? end : this.held.length - overlap(this.held, CLOSE);
    if (upTo > 0) parts.push({ reasoning: this.held.slice(0, upTo) });
    this.held = this.held.slice(upTo);
    if (end < 0) return;
    this.held = this.held.slice(CLOSE.length);
    this.mode = 'skipping';
  }

  /** The blank lines between thinking and saying are nobody's. */
  private skip(parts: Part[]): void {
    this.held = this.held.trimStart();
    if (this.held === '') return;
    this.mode = 'saying';
    this.release(parts);
  }

  private release(parts: Part[]): void {
    parts.push({ text: this.held });
    this.held = '';
  }
}

/** How much of the end of `text` may be the beginning of `tag`. */
function overlap(text: string, tag: string): number {
  for (let size = Math.min(text.length, tag.length - 1); size > 0; size -= 1)
    if (text.endsWith(tag.slice(0, size))) return size;
  return 0;
}
