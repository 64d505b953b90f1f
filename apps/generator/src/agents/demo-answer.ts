import { ASK_PERSON } from '@common/domain';

import type { ToolRequest } from '../models/model-provider.port';
import type { HistoryMessage } from './agent.port';

/** Most pieces that a demo answer is streamed in. */
const MAX_PIECES = 20;

/** What the demo agent says: rules, no model. In the language of the question. */
export function demoAnswer(history: readonly HistoryMessage[]): string {
  const question = history.at(-1)?.text ?? '';
  const earlier = history.slice(0, -1).filter(({ role }) => role === 'user');
  return isChinese(question) ? chinese(question, earlier) : english(question, earlier);
}

/** The answer in pieces that end after whole characters, at most twenty. */
export function piecesOf(answer: string): string[] {
  const characters = Array.from(answer);
  const size = Math.max(4, Math.ceil(characters.length / MAX_PIECES));
  const pieces: string[] = [];
  for (let at = 0; at < characters.length; at += size)
    pieces.push(characters.slice(at, at + size).join(''));
  return pieces;
}

/** Who says "form" is shown one. */
export function demoForm(history: readonly HistoryMessage[]): ToolRequest | null {
  const question = history.at(-1)?.text ?? '';
  if (!/\bform\b|表单/i.test(question)) return null;
  const form = isChinese(question)
    ? { question: '您想听哪一口钟？', choices: ['大钟', '小钟', '都听'] }
    : {
        question: 'Which bell would you like to hear?',
        choices: ['The big one', 'The small one', 'Both'],
      };
  return { id: 'form', name: ASK_PERSON, argumentsJson: JSON.stringify(form) };
}

export const demoChoice = (chosen: string, history: readonly HistoryMessage[]): string =>
  isChinese(history.at(-1)?.text ?? '')
    ? `您的回答是：**${quote(chosen)}**。真正的智能体会带着它继续。`
    : `Your answer was: **${quote(chosen)}**. A real agent would go on with it.`;

const isChinese = (text: string): boolean => /[\u3400-\u9fff]/.test(text);

function chinese(question: string, earlier: readonly HistoryMessage[]): string {
  return [
    `**这是演示智能体**，背后没有大模型：它只按规则回答，用来展示消息是怎样流转的。`,
    `> ${quote(question)}`,
    `您这句话有 ${Array.from(question).length} 个字符${ending(question) ? '，看起来是一个问题' : ''}。` +
      remembered(earlier, 'zh'),
    `| 步骤 | 服务 |\n| --- | --- |\n| 接收并落库 | gateway |\n| 找到会话与智能体 | dispatcher |\n| 生成回答 | generator |\n| 流式写入卡片 | sender |`,
    '```ts\nconst next = "填写 OPENAI_BASE_URL、OPENAI_API_KEY、OPENAI_MODEL，就会由真正的模型回答";\n```',
    `发送 \`/new\` 开始新的对话，发送 \`/help\` 查看用法，发送“表单”看看智能体怎样向您提问。`,
  ].join('\n\n');
}

function english(question: string, earlier: readonly HistoryMessage[]): string {
  return [
    `**This is the demo agent**: there is no model behind it. It answers by rules, to show how a message travels.`,
    `> ${quote(question)}`,
    `Your message has ${Array.from(question).length} characters${ending(question) ? ' and looks like a question' : ''}. ` +
      remembered(earlier, 'en'),
    `| step | service |\n| --- | --- |\n| receive and store | gateway |\n| find session and agent | dispatcher |\n| write the answer | generator |\n| stream it into the card | sender |`,
    '```ts\nconst next = "set OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL for a real model";\n```',
    `Send \`/new\` for a new conversation, \`/help\` for help, “form” to see how an agent asks you something.`,
  ].join('\n\n');
}

function remembered(earlier: readonly HistoryMessage[], locale: 'zh' | 'en'): string {
  const last = earlier.at(-1);
  if (!last)
    return locale === 'zh' ? '这是本次对话的第一句。' : 'It is the first of this conversation.';
  return locale === 'zh'
    ? `在这次对话里，您之前还说过 ${earlier.length} 句，上一句是“${quote(last.text)}”。`
    : `Before it you said ${earlier.length} thing(s) in this conversation, the last one: “${quote(last.text)}”.`;
}

const ending = (text: string): boolean => /[?？]\s*$/.test(text);

/** One line, at most 200 characters, nothing that Markdown would read. */
function quote(text: string): string {
  const line = Array.from(text.replace(/\s+/g, ' ').trim());
  const cut = line.length > 200 ? `${line.slice(0, 200).join('')}…` : line.join('');
  return cut.replace(/[\\`*_{}[\]<>#|]/g, '\\$&');
}
