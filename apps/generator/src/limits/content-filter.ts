import { AppError } from '@common/kernel';

import { type ContentRule, findIn, type Found, masked } from './content-rule';

/** No personal datum that is known by its form is longer. */
const LONGEST_KIND = 140;

/** A rule forbids it. */
export class ContentDeniedError extends AppError {
  readonly code = 'content_denied';
  readonly retry = 'never';

  constructor(readonly ruleId: string) {
    super('a content rule forbids it', { details: { ruleId } });
  }
}

/**
 * Applies the rules of one direction to words that come piece by piece. The end of what came is held back as long as
 * something forbidden may begin there, so that nothing is shown that would have to be taken back.
 */
export class ContentFilter {
  /** By rule: how often it was applied. */
  readonly hits = new Map<string, { readonly action: string; count: number }>();
  private readonly rules: readonly ContentRule[];
  private readonly holdBack: number;
  private held = '';

  constructor(rules: readonly ContentRule[], direction: 'in' | 'out') {
    this.rules = rules.filter((rule) => rule.direction === direction || rule.direction === 'both');
    const longestWord = Math.max(
      0,
      ...this.rules.flatMap(({ words }) => words.map((w) => w.length)),
    );
    const hasKinds = this.rules.some(({ kinds }) => kinds.length > 0);
    this.holdBack = hasKinds ? Math.max(LONGEST_KIND, longestWord) : longestWord;
  }

  /** What may be shown now. @throws ContentDeniedError */
  push(piece: string): string {
    if (this.rules.length === 0) return piece;
    this.held += piece;
    const found = findIn(this.held, this.rules);
    this.refuse(found);
    let cut = Math.max(0, this.held.length - this.holdBack);
    const across = found.find(({ start, end }) => start < cut && end > cut);
    if (across) cut = across.start;
    return this.release(cut, found);
  }

  /** The rest. @throws ContentDeniedError */
  end(): string {
    const found = findIn(this.held, this.rules);
    this.refuse(found);
    return this.release(this.held.length, found);
  }

  /** A whole text. @throws ContentDeniedError */
  whole(text: string): string {
    return this.push(text) + this.end();
  }

  private release(cut: number, found: readonly Found[]): string {
    const within = found.filter(({ end }) => end <= cut);
    for (const one of within) this.count(one);
    const shown = masked(this.held.slice(0, cut), within);
    this.held = this.held.slice(cut);
    return shown;
  }

  private refuse(found: readonly Found[]): void {
    const denied = found.find(({ action }) => action === 'deny');
    if (!denied) return;
    this.count(denied);
    throw new ContentDeniedError(denied.ruleId);
  }

  private count({ ruleId, action }: Found): void {
    const hit = this.hits.get(ruleId) ?? { action, count: 0 };
    hit.count += 1;
    this.hits.set(ruleId, hit);
  }
}
