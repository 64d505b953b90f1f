import { Injectable } from '@nestjs/common';
import { request } from 'undici';

import { SecretBox } from '@common/kernel';
import { OutboundGuard, OutboundRefusedError } from '@common/outbound';

import type { Caller } from '../auth/caller.decorator';
import { NotFoundError } from '../http/api.errors';
import { answerCheck, refusedCheck, silentCheck } from './model-checks';
import type { ModelCheck } from './models.dto';
import { type ModelAccessRow, ModelsRepository } from './models.repository';

const TIMEOUT_MS = 15_000;
const PUBLIC_ANTHROPIC = 'https://api.anthropic.com/v1';

/** Asks a model for one word, so that an administrator learns what is wrong before anybody asks it a question. */
@Injectable()
export class ModelTest {
  constructor(
    private readonly models: ModelsRepository,
    private readonly guard: OutboundGuard,
    private readonly secrets: SecretBox,
  ) {}

  async run({ tenantId }: Caller, id: string): Promise<{ checks: ModelCheck[] }> {
    const model = await this.models.access(tenantId, id);
    if (!model) throw new NotFoundError('model');
    if (model.provider === 'demo') return { checks: [answerCheck(200)] };
    const extraHosts = model.trusted_address && model.base_url ? [model.base_url] : [];
    const dispatcher = this.guard.dispatcher({ extraHosts, connectTimeoutMs: 5_000 });
    try {
      const { statusCode, body } = await request(addressOf(model), {
        method: 'POST',
        dispatcher,
        headers: this.headers(model),
        body: JSON.stringify({
          model: model.upstream_model,
          max_tokens: 16,
          messages: [{ role: 'user', content: 'Say one word.' }],
        }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await body.dump();
      return { checks: [{ ...reached }, answerCheck(statusCode)] };
    } catch (error) {
      return { checks: [isRefusal(error) ? refusedCheck(error) : silentCheck()] };
    } finally {
      await dispatcher.destroy();
    }
  }

  private headers(model: ModelAccessRow): Record<string, string> {
    const key = model.api_key ? this.secrets.openText(model.api_key) : 'none';
    const further = model.headers
      ? (JSON.parse(this.secrets.openText(model.headers)) as Record<string, string>)
      : {};
    const own =
      model.provider === 'anthropic'
        ? { 'x-api-key': key, 'anthropic-version': '2023-06-01' }
        : { authorization: `Bearer ${key}`, 'api-key': key };
    return { 'content-type': 'application/json', ...own, ...further };
  }
}

const reached: ModelCheck = {
  name: 'address',
  ok: true,
  code: 'ok',
  message: 'The address answers.',
  userAction: null,
};

/** Where it is asked; an address with a version in its query keeps it. */
function addressOf({ provider, base_url }: ModelAccessRow): URL {
  const url = new URL(base_url ?? PUBLIC_ANTHROPIC);
  const path = url.pathname.replace(/\/$/, '');
  const root = provider === 'anthropic' && !path.endsWith('/v1') ? `${path}/v1` : path;
  url.pathname = `${root}/${provider === 'anthropic' ? 'messages' : 'chat/completions'}`;
  return url;
}

const isRefusal = (error: unknown): error is OutboundRefusedError =>
  error instanceof OutboundRefusedError;
