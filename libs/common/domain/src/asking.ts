/** The built-in tool with which an agent asks the person it talks to. */
export const ASK_PERSON = 'ask_person';

/** What a turn waits for: that a person agrees to the use of a tool, or answers a question (with choices, or in words). */
export type Ask =
  { readonly kind: 'confirm' } | { readonly kind: 'form'; readonly choices: readonly string[] };

const YES = new Set(['1', 'yes', 'y', 'ok', 'okay', 'confirm', 'agree', '是', '好', '好的']);
const MORE_YES = new Set(['确认', '同意', '可以', '是的', '行']);
const NO = new Set(['0', '2', 'no', 'n', 'cancel', 'decline', '否', '不', '不是', '不行']);
const MORE_NO = new Set(['取消', '拒绝', '不同意', '不要', '不可以']);

/** Whether a message agrees or declines; null: it is about something else. */
export function decisionIn(text: string): boolean | null {
  const word = bare(text);
  if (YES.has(word) || MORE_YES.has(word)) return true;
  return NO.has(word) || MORE_NO.has(word) ? false : null;
}

/** The choice that a message names by number or in words, else the message itself. */
export function choiceIn(text: string, choices: readonly string[]): string {
  const word = bare(text);
  const byNumber = /^\d{1,2}$/.test(word) ? choices[Number(word) - 1] : undefined;
  return byNumber ?? choices.find((choice) => bare(choice) === word) ?? text.trim();
}

/** Choices as a person reads and answers them. */
export const numbered = (choices: readonly string[]): string =>
  choices.map((choice, n) => `${n + 1}. ${choice}`).join('\n');

const bare = (text: string): string =>
  text
    .trim()
    .toLowerCase()
    .replace(/[\s.。!！,，]+$/u, '');
