import { commandSentences } from './command-sentences';
import { refusalSentences } from './refusal-sentences';

export const locales = ['zh', 'en'] as const;
export type Locale = (typeof locales)[number];

/** Every fixed sentence that a person may read in chat. `{name}` is filled in by `say`. */
const sentences = {
  ...commandSentences,
  ...refusalSentences,
  emptyMessage: {
    zh: '我没有看到文字内容。请直接写下您的问题，发送 `/help` 查看用法。',
    en: 'I found no words in that message. Just write your question, or `/help` to see how I work.',
  },
  unsupportedContent: {
    zh: '我暂时看不懂这种消息（{type}），请用文字告诉我。',
    en: 'I cannot read this kind of message yet ({type}). Please tell me in words.',
  },
  filesNotRead: {
    zh: '抱歉，我没能读取您发来的内容：{reason}。请重新发送，或用文字告诉我。',
    en: 'Sorry, I could not read what you sent: {reason}. Please send it again, or tell me in words.',
  },
  canary: {
    zh: '这是管理员发起的自检卡片：机器人可以向您发送卡片，无需回复。',
    en: 'A test card, sent by an administrator: the bot can reach you with cards. Nothing needs to be done.',
  },
  noAgent: {
    zh: '这个机器人还没有配置智能体，请联系管理员。',
    en: 'No agent is set up for this bot yet. Please tell its administrator.',
  },
  modelUnreachable: {
    zh: '抱歉，模型服务暂时连不上，请稍后再试。（编号 {ref}）',
    en: 'Sorry, the model service cannot be reached right now. Please try again later. (reference {ref})',
  },
  modelKeyRejected: {
    zh: '抱歉，模型服务拒绝了配置的密钥，请联系管理员检查。（编号 {ref}）',
    en: 'Sorry, the model service rejected the configured key. Please ask the administrator to check it. (reference {ref})',
  },
  modelMisconfigured: {
    zh: '抱歉，模型配置有误（例如模型名或地址不对），请联系管理员检查。（编号 {ref}）',
    en: 'Sorry, the model is not set up correctly (its name or address, for example). Please tell the administrator. (reference {ref})',
  },
  modelBusy: {
    zh: '抱歉，模型服务现在太忙，请稍后再试。（编号 {ref}）',
    en: 'Sorry, the model service is too busy right now. Please try again in a moment. (reference {ref})',
  },
  modelTimeout: {
    zh: '抱歉，模型太久没有回答，请稍后再试。（编号 {ref}）',
    en: 'Sorry, the model took too long to answer. Please try again later. (reference {ref})',
  },
  modelQuota: {
    zh: '抱歉，模型服务的额度已用完，请联系管理员。（编号 {ref}）',
    en: 'Sorry, the allowance at the model service is used up. Please tell the administrator. (reference {ref})',
  },
  modelRefused: {
    zh: '模型服务的内容审核拦下了这个问题或它的回答，请换一种问法再试。（编号 {ref}）',
    en: 'The content filter of the model service stopped this question or its answer. Please try to put it in another way. (reference {ref})',
  },
  contextOverflow: {
    zh: '内容太长，模型一次读不完。请缩短问题，或发送 `/new` 开始新的对话。（编号 {ref}）',
    en: 'This is more than the model can read at once. Please shorten it, or start a new conversation with `/new`. (reference {ref})',
  },
  answerCut: {
    zh: '（回答达到模型的长度上限，到此为止；可以让我继续。）',
    en: '(The answer reached the length limit of the model and stops here; you can ask me to go on.)',
  },
  contentDenied: {
    zh: '这个问题或回答涉及本机器人不允许的内容，因此没有回答。（编号 {ref}）',
    en: 'This bot is not allowed to talk about what was asked, or about the answer. (reference {ref})',
  },
  budgetUsedUp: {
    zh: '本期的使用额度已用完，请联系管理员。（编号 {ref}）',
    en: 'The allowance for this period is used up. Please talk to your administrator. (reference {ref})',
  },
  budgetWarning: {
    zh: '> 提示：您本期的使用额度已用 {percent}%。',
    en: '> Note: {percent}% of your allowance for this period is used.',
  },
  answerFailed: {
    zh: '抱歉，这次没能回答，请再试一次。（编号 {ref}）',
    en: 'Sorry, I could not answer this time. Please try again. (reference {ref})',
  },
  emptyAnswer: {
    zh: '模型没有给出任何内容，请换一种问法再试。',
    en: 'The model gave no words for this. Please try asking in another way.',
  },
  stopped: {
    zh: '（已停止）',
    en: '(stopped)',
  },
  answerBelow: {
    zh: '（回答见下方消息）',
    en: '(the answer is in the message below)',
  },
  toolAsks: {
    zh: '🔐 需要您的确认才能使用 **{tool}**：{args}\n\n点击卡片上的按钮，或回复“确认”（1）、“取消”（2）；10 分钟内没有答复视为取消。',
    en: '🔐 Your agreement is needed to use **{tool}**: {args}\n\nUse the buttons of the card, or reply “yes” (1) or “no” (2); no answer within 10 minutes counts as no.',
  },
  agentAsks: {
    zh: '❓ {question}\n\n请直接回复这条消息；10 分钟内没有答复，就不再等待。',
    en: '❓ {question}\n\nJust reply in this chat; after 10 minutes without an answer I go on without one.',
  },
  agentAsksToChoose: {
    zh: '❓ {question}\n\n{choices}\n\n请回复序号，或用自己的话回答；10 分钟内没有答复，就不再等待。',
    en: '❓ {question}\n\n{choices}\n\nReply with a number or in your own words; after 10 minutes without an answer I go on without one.',
  },
  toolCallConfirmed: {
    zh: '好的，继续。',
    en: 'Fine, going on.',
  },
  toolCallDeclined: {
    zh: '好的，不会这样做。',
    en: 'Fine, that will not be done.',
  },
  nothingToConfirm: {
    zh: '现在没有需要您确认的操作。',
    en: 'There is nothing to confirm right now.',
  },
  usingTool: {
    zh: '🔧 正在使用 {tool}…',
    en: '🔧 using {tool}…',
  },
  aiMark: {
    zh: '内容由 AI 生成',
    en: 'AI-generated',
  },
  queuePlace: {
    zh: '排队中：第 {n} 位，马上就来…',
    en: 'In the queue: number {n}, coming up…',
  },
  notDelivered: {
    zh: '抱歉，这个回答没能送达，请再问一次。',
    en: 'Sorry, this answer could not be delivered. Please ask again.',
  },
  thinking: {
    zh: '正在思考…',
    en: 'Thinking…',
  },
  possiblyTwice: {
    zh: '（可能重复）',
    en: '(possibly sent twice)',
  },
  messageTitle: {
    zh: '回答',
    en: 'Answer',
  },
  filesBelow: {
    zh: '请查看下方的文件。',
    en: 'See the files below.',
  },
  fileNotShown: {
    zh: '（文件 {name} 未能发送：{why}）',
    en: '(the file {name} could not be sent: {why})',
  },
  fileTooLarge: {
    zh: '太大',
    en: 'it is too large',
  },
  fileTypeUnsupported: {
    zh: '钉钉不支持这种文件',
    en: 'DingTalk takes no files of this kind',
  },
  fileUnreachable: {
    zh: '暂时无法获取',
    en: 'it cannot be had right now',
  },
  noticeTitle: {
    zh: '通知',
    en: 'Notice',
  },
  noticeChosen: {
    zh: '已选择：{label}',
    en: 'Chosen: {label}',
  },
  noticeChosenBy: {
    zh: '{name}：{label}',
    en: '{name}: {label}',
  },
} satisfies Record<string, Record<Locale, string>>;

export type SentenceKey = keyof typeof sentences;

/** One plain sentence for a person, in their language. */
export function say(
  key: SentenceKey,
  locale: Locale,
  values: Readonly<Record<string, string>> = {},
): string {
  return sentences[key][locale].replace(
    /\{(\w+)\}/g,
    (whole, name: string) => values[name] ?? whole,
  );
}

/** The short reference a person can read out to an operator: the first 8 characters of the turn id. */
export const referenceOf = (turnId: string): string => turnId.slice(0, 8);
