import type { ModelAccess } from './model-access';
import { chunkOf } from './model-server.fixture';

/** One provider's wire format: what its servers send, as they send it. */
export interface WireFormat {
  readonly provider: ModelAccess['provider'];
  readonly path: string;
  /** The beginning of a stream, before any word. */
  readonly begin: string;
  /** A picture of a question, as it is sent to them. */
  readonly picture: (mediaType: string, base64: string) => object;
  readonly word: (text: string) => string;
  readonly thought: (text: string) => string;
  readonly toolUse: (id: string, name: string, json: readonly string[]) => string;
  /** The end of a stream: 7 tokens in, 3 of them cached, 2 out. */
  readonly end: (stop?: 'end' | 'length' | 'tools' | 'refused') => string;
  /** An error inside the stream. */
  readonly fault: string;
  readonly refusal: { readonly status: number; readonly body: object } | null;
  readonly overflow: { readonly status: number; readonly body: object };
}

const data = (json: string): string => `data: ${json}\n\n`;
const choice = (delta: object, finish: string | null = null): string =>
  data(JSON.stringify({ choices: [{ index: 0, delta, finish_reason: finish }] }));

const openAi: WireFormat = {
  provider: 'openai-compatible',
  path: '/v1/chat/completions',
  picture: (mediaType, base64) => ({
    type: 'image_url',
    image_url: { url: `data:${mediaType};base64,${base64}` },
  }),
  begin: data(chunkOf({ role: 'assistant', content: '' })),
  word: (content) => choice({ content }),
  thought: (text) => choice({ reasoning_content: text }),
  toolUse: (id, name, json) =>
    choice({
      tool_calls: [{ index: 0, id, type: 'function', function: { name, arguments: '' } }],
    }) +
    json
      .map((part) => choice({ tool_calls: [{ index: 0, function: { arguments: part } }] }))
      .join(''),
  end: (stop = 'end') => {
    const reason = {
      end: 'stop',
      length: 'length',
      tools: 'tool_calls',
      refused: 'content_filter',
    };
    const usage = {
      prompt_tokens: 7,
      completion_tokens: 2,
      total_tokens: 9,
      prompt_tokens_details: { cached_tokens: 3 },
    };
    return `${choice({}, reason[stop])}${data(JSON.stringify({ choices: [], usage }))}data: [DONE]\n\n`;
  },
  fault: data(JSON.stringify({ error: { message: 'overloaded', code: 'overloaded' } })),
  refusal: { status: 400, body: { error: { code: 'content_filter', message: 'filtered' } } },
  overflow: { status: 400, body: { error: { code: 'context_length_exceeded', message: 'long' } } },
};

const event = (type: string, rest: object): string =>
  `event: ${type}\n${data(JSON.stringify({ type, ...rest }))}`;
const block = (index: number, content_block: object, deltas: readonly object[]): string =>
  event('content_block_start', { index, content_block }) +
  deltas.map((delta) => event('content_block_delta', { index, delta })).join('') +
  event('content_block_stop', { index });

const anthropic: WireFormat = {
  provider: 'anthropic',
  path: '/v1/messages',
  picture: (media_type, data) => ({
    type: 'image',
    source: { type: 'base64', media_type, data },
  }),
  begin:
    event('message_start', {
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        content: [],
        model: 'm',
        usage: { input_tokens: 4, output_tokens: 1, cache_read_input_tokens: 3 },
      },
    }) + event('ping', {}),
  word: (text) => block(1, { type: 'text', text: '' }, [{ type: 'text_delta', text }]),
  thought: (thinking) =>
    block(0, { type: 'thinking', thinking: '', signature: '' }, [
      { type: 'thinking_delta', thinking },
      { type: 'signature_delta', signature: 'sig' },
    ]),
  toolUse: (id, name, json) =>
    block(
      2,
      { type: 'tool_use', id, name, input: {} },
      json.map((partial_json) => ({ type: 'input_json_delta', partial_json })),
    ),
  end: (stop = 'end') => {
    const reason = { end: 'end_turn', length: 'max_tokens', tools: 'tool_use', refused: 'refusal' };
    const delta = { stop_reason: reason[stop], stop_sequence: null };
    return (
      event('message_delta', { delta, usage: { output_tokens: 2 } }) + event('message_stop', {})
    );
  },
  fault: event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } }),
  refusal: null,
  overflow: {
    status: 400,
    body: {
      type: 'error',
      error: {
        type: 'invalid_request_error',
        message: 'prompt is too long: 210000 tokens > 200000',
      },
    },
  },
};

export const wireFormats: readonly WireFormat[] = [openAi, anthropic];
