import { type CommandName, commandNames, parseCommand } from './parse-command';

const nameOf = (text: string): CommandName | null => parseCommand(text)?.name ?? null;

describe('parseCommand', () => {
  it.each(commandNames)('knows /%s in any letter case and either width of the slash', (name) => {
    for (const text of [`/${name}`, `／${name}`, `  /${name.toUpperCase()}  `, `/${name}@bot`])
      expect(parseCommand(text)).toEqual({ name, argument: '' });
  });

  it.each<[string, CommandName]>([
    ['帮助', 'help'],
    ['新对话', 'new'],
    ['会话', 'sessions'],
    ['切换', 'switch'],
    ['重命名', 'rename'],
    ['智能体', 'agents'],
    ['模型', 'models'],
    ['状态', 'status'],
    ['停止', 'stop'],
    ['重试', 'retry'],
    ['记忆', 'memory'],
    ['语言', 'lang'],
    ['反馈', 'feedback'],
  ])('knows /%s as well', (alias, name) => {
    expect([nameOf(`/${alias}`), nameOf(`／${alias}@小钟`)]).toEqual([name, name]);
  });

  it('has a Chinese word for every command', () => {
    const known =
      '帮助 新对话 会话 切换 重命名 智能体 模型 状态 停止 重试 记忆 语言 反馈 确认 拒绝';
    expect(new Set(known.split(' ').map((word) => nameOf(`/${word}`)))).toEqual(
      new Set(commandNames),
    );
  });

  it('keeps what follows the word, over several lines and after a wide space', () => {
    expect(parseCommand('/feedback too long\nreally ')).toEqual({
      name: 'feedback',
      argument: 'too long\nreally',
    });
    expect(parseCommand('／切换　2')).toEqual({ name: 'switch', argument: '2' });
  });

  it('looks past a mention', () => {
    expect(nameOf('@小钟 /help')).toBe('help');
  });

  it.each([
    '/etc/hosts is broken',
    '/unknown',
    'help',
    'what does /help do',
    '/ help',
    '//help',
    '',
  ])('takes %j for a question', (text) => {
    expect(parseCommand(text)).toBeNull();
  });
});
