/** What may be said in a channel, as an administrator wrote it. */
export interface ContentRule {
  readonly id: string;
  readonly direction: 'in' | 'out' | 'both';
  readonly action: 'deny' | 'mask';
  readonly words: readonly string[];
  readonly kinds: readonly PersonalKind[];
}

/** Personal data that is known by its form. */
export type PersonalKind = 'phone' | 'id_card' | 'bank_card' | 'email';

/** Where a rule found something. */
export interface Found {
  readonly ruleId: string;
  readonly action: ContentRule['action'];
  readonly start: number;
  readonly end: number;
}

const MASK = '***';

/** Everything the rules find in a text, in order; of two that overlap the longer. */
export function findIn(text: string, rules: readonly ContentRule[]): Found[] {
  const all = rules.flatMap((rule) =>
    [...wordsIn(text, rule), ...kindsIn(text, rule)].map(([start, end]): Found => ({
      ruleId: rule.id,
      action: rule.action,
      start,
      end,
    })),
  );
  all.sort((one, other) => one.start - other.start || other.end - one.end);
  const kept: Found[] = [];
  for (const found of all) if (found.start >= (kept.at(-1)?.end ?? 0)) kept.push(found);
  return kept;
}

/** The text with what was found covered up. */
export function masked(text: string, found: readonly Found[]): string {
  let from = 0;
  let shown = '';
  for (const { start, end } of found) {
    shown += text.slice(from, start) + MASK;
    from = end;
  }
  return shown + text.slice(from);
}

type Span = readonly [number, number];

function* wordsIn(text: string, { words }: ContentRule): Iterable<Span> {
  const low = text.toLowerCase();
  // A few letters change their length with their case; then the positions would lie.
  const searched = low.length === text.length ? low : text;
  for (const word of words) {
    const wanted = word.toLowerCase();
    for (let at = searched.indexOf(wanted); at >= 0; at = searched.indexOf(wanted, at + 1))
      yield [at, at + wanted.length];
  }
}

function* kindsIn(text: string, { kinds }: ContentRule): Iterable<Span> {
  for (const kind of kinds) {
    const { form, isReal } = FORMS[kind];
    for (const match of text.matchAll(form))
      if (isReal(match[0])) yield [match.index, match.index + match[0].length];
  }
}

const always = (): boolean => true;
const FORMS: Readonly<
  Record<PersonalKind, { readonly form: RegExp; readonly isReal: (text: string) => boolean }>
> = {
  phone: { form: /(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)/g, isReal: always },
  id_card: { form: /(?<!\d)\d{17}[\dXx](?!\d)/g, isReal: hasIdChecksum },
  bank_card: { form: /(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)/g, isReal: isLuhn },
  email: { form: /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}/g, isReal: always },
};

/** GB 11643: the last sign is a weighted sum of the others. */
function hasIdChecksum(id: string): boolean {
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, n) => total + weight * Number(id[n]), 0);
  return '10X98765432'[sum % 11] === id[17]?.toUpperCase();
}

function isLuhn(text: string): boolean {
  const digits = [...text.replace(/\D/g, '')].reverse().map(Number);
  const sum = digits.reduce((total, digit, n) => {
    const doubled = n % 2 === 1 ? digit * 2 : digit;
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}
