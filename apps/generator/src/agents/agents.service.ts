import { Injectable } from '@nestjs/common';

import type { ModelAccess } from '../models/model-access';
import { ModelError } from '../models/model.errors';
import type { Agent } from './agent.port';
import { DemoAgent } from './demo-agent';
import { LlmAgent } from './llm-agent';

/** The implementation of each kind of agent. */
@Injectable()
export class Agents {
  constructor(
    private readonly demo: DemoAgent,
    private readonly llm: LlmAgent,
  ) {}

  /** @throws ModelError for kinds that this version does not run */
  ofKind({ kind, model }: { readonly kind: string; readonly model: ModelAccess | null }): Agent {
    if (kind === 'demo' || (kind === 'llm' && model?.provider === 'demo')) return this.demo;
    if (kind === 'llm') return this.llm;
    throw new ModelError('model_misconfigured');
  }
}
