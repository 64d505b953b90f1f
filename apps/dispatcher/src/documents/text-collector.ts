/** Takes blocks of text until there is enough. */
export class TextCollector {
  private readonly blocks: string[] = [];
  private left: number;
  /** Whether there was more than is kept. */
  isCut = false;

  constructor(maxCharacters: number) {
    this.left = maxCharacters;
  }

  get isFull(): boolean {
    return this.left <= 0;
  }

  add(block: string): void {
    const trimmed = block.trim();
    if (trimmed === '') return;
    const kept = trimmed.slice(0, Math.max(0, this.left));
    this.isCut ||= kept.length < trimmed.length;
    this.left -= kept.length;
    if (kept !== '') this.blocks.push(kept);
  }

  get text(): string {
    return this.blocks.join('\n\n');
  }
}
