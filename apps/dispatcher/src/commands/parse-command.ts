export const commandNames = [
  'help',
  'new',
  'sessions',
  'switch',
  'rename',
  'agents',
  'models',
  'status',
  'stop',
  'retry',
  'memory',
  'lang',
  'feedback',
  'confirm',
  'decline',
] as const;
export type CommandName = (typeof commandNames)[number];

export interface ParsedCommand {
  readonly name: CommandName;
  /** What follows the word, trimmed; '' when nothing does. */
  readonly argument: string;
}

const chinese: Readonly<Record<string, CommandName>> = {
  帮助: 'help',
  新对话: 'new',
  新会话: 'new',
  新建: 'new',
  会话: 'sessions',
  会话列表: 'sessions',
  对话列表: 'sessions',
  切换: 'switch',
  重命名: 'rename',
  改名: 'rename',
  智能体: 'agents',
  助手: 'agents',
  模型: 'models',
  状态: 'status',
  停止: 'stop',
  停: 'stop',
  重试: 'retry',
  重新回答: 'retry',
  记忆: 'memory',
  语言: 'lang',
  反馈: 'feedback',
  确认: 'confirm',
  同意: 'confirm',
  拒绝: 'decline',
  不同意: 'decline',
};
const aliases: ReadonlyMap<string, CommandName> = new Map([
  ...commandNames.map((name) => [name, name] as const),
  ...Object.entries(chinese),
]);

/** Mentions before the slash, the slash in either width, the word, what clients append to it, the argument. */
const COMMAND = /^(?:@\S+\s+)*[/／]([^\s@/]+)(?:@\S*)?(?:\s+([\s\S]*))?$/u;

/**
 * The command a text is, or null. Only known ones are commands (`/etc/hosts …` is a question); letter case does not
 * matter, and the `@bot` that some clients append to the word is dropped.
 */
export function parseCommand(text: string): ParsedCommand | null {
  const [, word, argument] = COMMAND.exec(text.trim()) ?? [];
  const name = word === undefined ? undefined : aliases.get(word.toLowerCase());
  return name ? { name, argument: (argument ?? '').trim() } : null;
}
