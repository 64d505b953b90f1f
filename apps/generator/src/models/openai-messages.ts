import type OpenAI from 'openai';

import type { ContentPart, ModelMessage, ModelRequest, ToolSpec } from './model-provider.port';

type Message = OpenAI.Chat.ChatCompletionMessageParam;

/** A conversation as chat completions want it. */
export function openAiMessages({ instructions, messages }: ModelRequest): Message[] {
  const system = instructions === '' ? [] : [{ role: 'system' as const, content: instructions }];
  return [...system, ...messages.map(toMessage)];
}

export const openAiTools = (tools: readonly ToolSpec[]): OpenAI.Chat.ChatCompletionTool[] =>
  tools.map(({ name, description, inputSchema }) => ({
    type: 'function',
    function: { name, description, parameters: inputSchema },
  }));

function toMessage(message: ModelMessage): Message {
  if (message.role === 'tool')
    return { role: 'tool', tool_call_id: message.requestId, content: message.text };
  if (message.role === 'user') return { role: 'user', content: toContent(message.content) };
  if (!message.requests?.length) return { role: 'assistant', content: message.text };
  return {
    role: 'assistant',
    content: message.text === '' ? null : message.text,
    tool_calls: message.requests.map(({ id, name, argumentsJson }) => ({
      id,
      type: 'function',
      function: { name, arguments: argumentsJson },
    })),
  };
}

/** Plain words stay a string: many servers read nothing else. */
function toContent(
  parts: readonly ContentPart[],
): string | OpenAI.Chat.ChatCompletionContentPart[] {
  if (parts.every(({ kind }) => kind === 'text'))
    return parts.map((part) => (part.kind === 'text' ? part.text : '')).join('\n\n');
  return parts.map((part) =>
    part.kind === 'text'
      ? { type: 'text', text: part.text }
      : { type: 'image_url', image_url: { url: `data:${part.mediaType};base64,${part.base64}` } },
  );
}
