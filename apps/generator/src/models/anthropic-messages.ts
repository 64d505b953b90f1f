import type Anthropic from '@anthropic-ai/sdk';

import type { ContentPart, ModelMessage, ToolSpec } from './model-provider.port';

type Block = Anthropic.ContentBlockParam;

/** A conversation as Anthropic wants it: results of tools are the user's words, neighbours of one role are one message. */
export function anthropicMessages(messages: readonly ModelMessage[]): Anthropic.MessageParam[] {
  const merged: { role: 'user' | 'assistant'; content: Block[] }[] = [];
  for (const message of messages) {
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const content = toBlocks(message);
    const last = merged.at(-1);
    if (last?.role === role) last.content.push(...content);
    else if (content.length > 0) merged.push({ role, content });
  }
  return merged;
}

export const anthropicTools = (tools: readonly ToolSpec[]): Anthropic.Tool[] =>
  tools.map(({ name, description, inputSchema }) => ({
    name,
    description,
    input_schema: { ...inputSchema, type: 'object' },
  }));

function toBlocks(message: ModelMessage): Block[] {
  if (message.role === 'tool')
    return [{ type: 'tool_result', tool_use_id: message.requestId, content: message.text }];
  if (message.role === 'user') return message.content.map(toBlock);
  const said: Block[] = message.text.trim() === '' ? [] : [{ type: 'text', text: message.text }];
  const uses = (message.requests ?? []).map(({ id, name, argumentsJson }): Block => ({
    type: 'tool_use',
    id,
    name,
    input: parsed(argumentsJson),
  }));
  return [...((message.opaque as Block[] | undefined) ?? []), ...said, ...uses];
}

const toBlock = (part: ContentPart): Block =>
  part.kind === 'text'
    ? { type: 'text', text: part.text }
    : {
        type: 'image',
        source: {
          type: 'base64',
          media_type: part.mediaType as Anthropic.Base64ImageSource['media_type'],
          data: part.base64,
        },
      };

/** What the model wrote may be no JSON; the API wants an object all the same. */
function parsed(json: string): Record<string, unknown> {
  try {
    return JSON.parse(json) as Record<string, unknown>;
  } catch {
    return { unreadable: json };
  }
}
