import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';

import { OutboundRefusedError } from '@common/outbound';

import { ModelError } from './model.errors';
import { readProviderError } from './provider-errors';

const KEY = 'sk-verysecret';
const byStatus = (status: number): unknown =>
  OpenAI.APIError.generate(
    status,
    { message: `Incorrect API key provided: ${KEY}` },
    `Incorrect API key provided: ${KEY}`,
    new Headers(),
  );

describe('readProviderError', () => {
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
    expect(readProviderError(byStatus(status))).toMatchObject({ code, retry, details: { status } });
  });

  it.each([
    ['no connection', new OpenAI.APIConnectionError({}), 'model_unreachable'],
    ['a timeout', new OpenAI.APIConnectionTimeoutError({}), 'model_timeout'],
    ['a broken stream', new TypeError('terminated'), 'model_unreachable'],
    ['nonsense', 'what?', 'model_unreachable'],
  ])('reads %s as passing', (_what, error, code) => {
    expect(readProviderError(error)).toMatchObject({ code, retry: 'backoff' });
  });

  it.each([
    [400, { code: 'content_filter' }, 'model_refused'],
    [400, { code: 'data_inspection_failed' }, 'model_refused'],
    [400, { innererror: { code: 'ResponsibleAIPolicyViolation' } }, 'model_refused'],
    [400, { code: 'context_length_exceeded' }, 'context_overflow'],
    [400, { message: "This model's maximum context length is 4096 tokens" }, 'context_overflow'],
    [413, {}, 'context_overflow'],
    [429, { code: 'insufficient_quota' }, 'model_quota'],
    [402, {}, 'model_quota'],
    [529, { type: 'overloaded_error' }, 'model_busy'],
  ])('reads HTTP %d with %j as %s', (status, error, code) => {
    const message = (error as { message?: string }).message;
    const answer = OpenAI.APIError.generate(status, { error }, message, new Headers());
    expect(readProviderError(answer)).toMatchObject({ code });
  });

  it('reads the same from the other SDK', () => {
    const error = {
      type: 'error',
      error: { type: 'invalid_request_error', message: 'prompt is too long' },
    };
    const long = Anthropic.APIError.generate(400, error, undefined, new Headers());
    const busy = Anthropic.APIError.generate(
      429,
      { type: 'error' },
      undefined,
      new Headers({ 'retry-after': '3' }),
    );
    expect(readProviderError(long)).toMatchObject({ code: 'context_overflow', retry: 'never' });
    expect(readProviderError(busy)).toMatchObject({ code: 'model_busy', retryAfterMs: 3_000 });
  });

  it('finds the outbound rule behind a failed connection: no retry helps', () => {
    const refused = new OutboundRefusedError('address_not_public', '10.0.0.1');
    const cause = new TypeError('fetch failed', { cause: refused });
    const error = new OpenAI.APIConnectionError({ cause });

    expect(readProviderError(error)).toMatchObject({ code: 'model_misconfigured', retry: 'never' });
  });

  it('P8 keeps no word of the provider, who repeats the key', () => {
    const error = readProviderError(byStatus(401));
    const words = [error.message, String(error.cause), (error.cause as Error).stack].join();
    expect(words).not.toContain(KEY);
    expect(words).toContain('401');
  });

  it('leaves an error alone that was read before', () => {
    const error = new ModelError('model_busy');
    expect(readProviderError(error)).toBe(error);
  });
});
