/** Written without spaces: a line may end behind each of them. */
const CJK = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uffef]/u;
/** Never at the end of a line. */
const OPENING = /[([{<〈《「『【〔〖（［｛“‘]/u;
/** Never at the beginning of a line. */
const CLOSING = /[)\]}>〉》」』】〕〗）］｝”’，。、；：？！…—,.;:?!%·ー]/u;
/** Links, addresses and code: what is cut in them is none any more. */
const WHOLE =
  /!?\[[^[\]]{0,300}\]\([^()\s]{0,2000}\)|https?:\/\/[^\s<>\u2e80-\uffef]+|(?<!`)(`{1,2})(?!`).{1,300}?(?<!`)\1(?!`)/gu;
/** One of these that may go on behind the end. */
const UNFINISHED =
  /(?:!?\[[^[\]]{0,300}(?:\](?:\([^()\s]{0,2000})?)?|https?:\/\/[^\s<>\u2e80-\uffef]*|`.{0,301})$/u;

/** Where a line may be cut: behind white space or between CJK characters, never in a link or in code. */
export function breaksOf(line: string): (at: number) => boolean {
  const whole = [...line.matchAll(WHOLE)].map((found) => [found.index, endOf(found)] as const);
  return (at) => isBetweenWords(line, at) && !whole.some(([from, to]) => from < at && at < to);
}

/** As much of a line that goes on as ends where it may be cut, whatever comes. */
export function settledPart(line: string): string {
  const open = UNFINISHED.exec(line)?.index ?? line.length;
  const mayBreakAt = breaksOf(line);
  for (let at = open; at > 0; at -= 1) if (mayBreakAt(at)) return line.slice(0, at);
  return '';
}

const endOf = (found: RegExpMatchArray): number => (found.index ?? 0) + found[0].length;

function isBetweenWords(line: string, at: number): boolean {
  const before = characterBefore(line, at);
  const after = String.fromCodePoint(line.codePointAt(at) ?? 0x20);
  if (/\s/.test(after) || CLOSING.test(after)) return false;
  return /\s/.test(before) || (!OPENING.test(before) && (CJK.test(before) || CJK.test(after)));
}

function characterBefore(line: string, at: number): string {
  const isPair = /[\udc00-\udfff]/.test(line.charAt(at - 1)) && at > 1;
  return line.slice(isPair ? at - 2 : at - 1, at);
}
