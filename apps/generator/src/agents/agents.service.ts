import { Injectable } from '@nestjs/common';

import type { ModelAccess } from '../models/model-access';
import { ModelError } from '../models/model.errors';
import type { Agent } from './agent.port';
import { DemoAgent } from './demo-agent';
import { DifyAgent } from './dify-agent';
import { HttpAgent } from './http-agent';
import { LlmAgent } from './llm-agent';

/** The implementation of each kind of agent. */
@Injectable()
export class Agents {
  constructor(
    private readonly demo: DemoAgent,
    private readonly llm: LlmAgent,
    private readonly http: HttpAgent,
    private readonly dify: DifyAgent,
  ) {}

  /** @throws ModelError for kinds that this version does not run */
  ofKind({ kind, model }: { readonly kind: string; readonly model: ModelAccess | null }): Agent {
    if (kind === 'demo' || (kind === 'llm' && model?.provider === 'demo')) return this.demo;
    if (kind === 'llm') return this.llm;
    if (kind === 'http') return this.http;
    if (kind === 'dify') return this.dify;
    throw new ModelError('model_misconfigured');
  }
}
