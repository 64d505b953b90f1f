import { Injectable } from '@nestjs/common';

import type { Agent } from './agent.port';
import { DemoAgent } from './demo-agent';
import { LlmAgent } from './llm-agent';
import { ModelError } from './model.errors';

/** The implementation of each kind of agent. */
@Injectable()
export class Agents {
  constructor(
    private readonly demo: DemoAgent,
    private readonly llm: LlmAgent,
  ) {}

  /** @throws ModelError for kinds that this version does not run */
  ofKind(kind: string, provider: string | null): Agent {
    if (kind === 'demo' || (kind === 'llm' && provider === 'demo')) return this.demo;
    if (kind === 'llm') return this.llm;
    throw new ModelError('model_misconfigured');
  }
}
