export const commandNames = ['help', 'new'] as const;
export type CommandName = (typeof commandNames)[number];

const aliases: Readonly<Record<string, CommandName>> = {
  help: 'help',
  帮助: 'help',
  new: 'new',
  新对话: 'new',
  新会话: 'new',
};

/**
 * The command a text is, or null. Only known ones are commands (`/etc/hosts …` is a question); letter case does not
 * matter, and the `@bot` that some clients append to the word is dropped.
 */
export function parseCommand(text: string): CommandName | null {
  const word = /^[/／]([^\s@/]+)(?:@\S*)?\s*$/u.exec(text.trim())?.[1];
  return word === undefined ? null : (aliases[word.toLowerCase()] ?? null);
}
