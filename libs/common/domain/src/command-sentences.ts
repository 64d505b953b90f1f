/** What commands answer, in both languages. Part of `sentences`. */
export const commandSentences = {
  help: {
    zh: [
      '我是 {bot}。直接发消息就可以提问；在群里请 @ 我。',
      '',
      '- `/new` 开始新的对话（忘掉之前的内容）；`/new 名称` 同时起名',
      '- `/sessions` 列出您的对话；`/switch 编号` 切换；`/rename 名称` 改名',
      '- `/agents` 查看和选择智能体；`/models` 查看和选择模型',
      '- `/stop` 停止正在进行的回答；`/retry` 重新回答上一个问题',
      '- `/status` 当前状态；`/memory` 我记住的内容',
      '- `/lang zh|en` 语言；`/feedback 内容` 提意见',
      '- `/help` 显示这段说明',
    ].join('\n'),
    en: [
      'I am {bot}. Just write to ask; in a group, @ me.',
      '',
      '- `/new` starts a new conversation (forgets what was said before); `/new name` names it',
      '- `/sessions` lists your conversations; `/switch n` goes to one; `/rename name` names it',
      '- `/agents` shows and chooses who answers; `/models` shows and chooses the model',
      '- `/stop` ends the running answer; `/retry` answers the last question again',
      '- `/status` where things stand; `/memory` what I remember of you',
      '- `/lang zh|en` sets the language; `/feedback words` tells us what you think',
      '- `/help` shows this help',
    ].join('\n'),
  },
  newSession: {
    zh: '好的，我们开始新的对话。',
    en: 'Done: this is a new conversation.',
  },
  newNamedSession: {
    zh: '好的，我们开始新的对话：{title}。',
    en: 'Done: this is a new conversation, “{title}”.',
  },
  idleSession: {
    zh: '距上次对话已超过 {idle}，我们从新的对话开始。发送 `/sessions` 可以找回之前的对话。',
    en: 'The last conversation is more than {idle} old, so this is a new one. `/sessions` finds the old one again.',
  },
  sessionList: {
    zh: '您的对话：\n\n{list}\n\n`/switch 编号` 切换，`/rename 名称` 给当前对话改名。',
    en: 'Your conversations:\n\n{list}\n\n`/switch n` goes to one, `/rename name` names the current one.',
  },
  noSessions: {
    zh: '这里还没有对话，直接提问就会开始一个。',
    en: 'There is no conversation here yet; just ask, and one begins.',
  },
  untitled: { zh: '未命名', en: 'untitled' },
  currentMark: { zh: '（当前）', en: ' (current)' },
  switched: {
    zh: '已切换到对话 {number}：{title}。',
    en: 'This is conversation {number} now: {title}.',
  },
  switchUsage: {
    zh: '请写上对话的编号或名称，例如 `/switch 2`；`/sessions` 列出它们。',
    en: 'Please name a conversation by number or name, like `/switch 2`; `/sessions` lists them.',
  },
  renamed: {
    zh: '当前对话现在叫：{title}。',
    en: 'The current conversation is now called “{title}”.',
  },
  renameUsage: {
    zh: '请写上新名称（最多 60 个字），例如 `/rename 周报`。',
    en: 'Please write the new name (60 characters at most), like `/rename weekly report`.',
  },
  agentList: {
    zh: '可选的智能体：\n\n{list}\n\n`/agents 编号` 选择，`/agents default` 恢复默认。',
    en: 'Agents you can choose:\n\n{list}\n\n`/agents n` chooses one, `/agents default` goes back to the default.',
  },
  modelList: {
    zh: '可选的模型：\n\n{list}\n\n`/models 编号` 选择，`/models default` 恢复默认。',
    en: 'Models you can choose:\n\n{list}\n\n`/models n` chooses one, `/models default` goes back to the default.',
  },
  nothingToChoose: { zh: '这里没有可选项。', en: 'There is nothing to choose here.' },
  choiceNotAllowed: {
    zh: '这个机器人不允许自选，由管理员设定。',
    en: 'This bot does not let people choose; its administrator decides.',
  },
  agentChosen: { zh: '好的，以后由 {name} 回答您。', en: 'Done: {name} answers you from now on.' },
  modelChosen: {
    zh: '好的，以后用模型 {name} 回答您。',
    en: 'Done: your answers come from {name} from now on.',
  },
  choiceReset: { zh: '已恢复默认。', en: 'Back to the default.' },
  choiceUnknown: {
    zh: '没有“{argument}”。请发送 `{command}` 查看可选项。',
    en: 'There is no “{argument}”. Send `{command}` to see what there is.',
  },
  choiceGone: {
    zh: '您之前选择的{what}已不可用，已恢复默认。',
    en: 'The {what} you chose is no longer available, so you are back to the default.',
  },
  theAgent: { zh: '智能体', en: 'agent' },
  theModel: { zh: '模型', en: 'model' },
  status: {
    zh: '- 机器人：{bot}\n- 智能体：{agent}\n- 模型：{model}\n- 对话：{session}\n- 进行中：{running}，排队：{queued}',
    en: '- bot: {bot}\n- agent: {agent}\n- model: {model}\n- conversation: {session}\n- running: {running}, waiting: {queued}',
  },
  byAgent: { zh: '由智能体决定', en: 'the agent’s' },
  none: { zh: '无', en: 'none' },
  stopDone: { zh: '好的，正在停止。', en: 'Stopping.' },
  stopDropped: {
    zh: '好的，正在停止；排队中的 {count} 个问题不再回答。',
    en: 'Stopping; {count} waiting question(s) will not be answered.',
  },
  stopQueuedOnly: {
    zh: '排队中的 {count} 个问题不再回答。',
    en: '{count} waiting question(s) will not be answered.',
  },
  nothingToStop: { zh: '现在没有正在进行的回答。', en: 'There is no answer under way.' },
  nothingToRetry: {
    zh: '还没有可以重新回答的问题。',
    en: 'There is no question to answer again yet.',
  },
  retryRunning: { zh: '这个问题还在回答中。', en: 'That question is still being answered.' },
  memoryList: {
    zh: '我记住的内容：\n\n{list}\n\n`/memory forget 编号` 忘掉一条，`/memory clear` 全部忘掉。',
    en: 'What I remember of you:\n\n{list}\n\n`/memory forget n` forgets one, `/memory clear` forgets all.',
  },
  memoryEmpty: { zh: '我没有记住任何内容。', en: 'I remember nothing of you.' },
  memoryForgotten: { zh: '好的，已忘掉：{text}', en: 'Forgotten: {text}' },
  memoryCleared: { zh: '好的，已全部忘掉（{count} 条）。', en: 'All forgotten ({count}).' },
  memoryUsage: {
    zh: '用法：`/memory list`、`/memory forget 编号` 或 `/memory clear`。',
    en: 'Use `/memory list`, `/memory forget n` or `/memory clear`.',
  },
  langSet: { zh: '好的，以后用中文。', en: 'Done: English from now on.' },
  langUsage: {
    zh: '请选择语言：`/lang zh` 或 `/lang en`。',
    en: 'Please choose a language: `/lang zh` or `/lang en`.',
  },
  feedbackThanks: { zh: '谢谢您的反馈。', en: 'Thank you for telling us.' },
  feedbackUsage: {
    zh: '请写上您的意见，例如 `/feedback 回答太长了`。',
    en: 'Please write what you think, like `/feedback the answers are too long`.',
  },
  commandForAdmins: {
    zh: '只有管理员可以使用这个命令。',
    en: 'Only administrators may use this command.',
  },
} as const;
