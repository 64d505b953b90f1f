import OpenAI from 'openai';

import { OutboundRefusedError } from '@common/outbound';

import { ModelError } from './model.errors';
import { readOpenAiError } from './openai-errors';

const KEY = 'sk-verysecret';
const byStatus = (status: number): unknown =>
  OpenAI.APIError.generate(
    status,
    { message: `Incorrect API key provided: ${KEY}` },
    `Incorrect API key provided: ${KEY}`,
    new Headers(),
  );

describe('readOpenAiError', () => {
  it.each([
    [400, 'model_misconfigured', 'never'],
    [401, 'model_key_rejected', 'never'],
    [403, 'model_key_rejected', 'never'],
    [404, 'model_misconfigured', 'never'],
    [408, 'model_timeout', 'backoff'],
    [429, 'model_busy', 'backoff'],
    [500, 'model_unreachable', 'backoff'],
    [503, 'model_unreachable', 'backoff'],
  ])('reads HTTP %d as %s, to be retried: %s', (status, code, retry) => {
    expect(readOpenAiError(byStatus(status))).toMatchObject({ code, retry, details: { status } });
  });

  it.each([
    ['no connection', new OpenAI.APIConnectionError({}), 'model_unreachable'],
    ['a timeout', new OpenAI.APIConnectionTimeoutError({}), 'model_timeout'],
    ['a broken stream', new TypeError('terminated'), 'model_unreachable'],
    ['nonsense', 'what?', 'model_unreachable'],
  ])('reads %s as passing', (_what, error, code) => {
    expect(readOpenAiError(error)).toMatchObject({ code, retry: 'backoff' });
  });

  it('finds the outbound rule behind a failed connection: no retry helps', () => {
    const refused = new OutboundRefusedError('address_not_public', '10.0.0.1');
    const cause = new TypeError('fetch failed', { cause: refused });
    const error = new OpenAI.APIConnectionError({ cause });

    expect(readOpenAiError(error)).toMatchObject({ code: 'model_misconfigured', retry: 'never' });
  });

  it('P8 keeps no word of the provider, who repeats the key', () => {
    const error = readOpenAiError(byStatus(401));
    const words = [error.message, String(error.cause), (error.cause as Error).stack].join();
    expect(words).not.toContain(KEY);
    expect(words).toContain('401');
  });

  it('leaves an error alone that was read before', () => {
    const error = new ModelError('model_busy');
    expect(readOpenAiError(error)).toBe(error);
  });
});
