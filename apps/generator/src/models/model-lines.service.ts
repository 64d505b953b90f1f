import { Injectable } from '@nestjs/common';
import { type Agent, fetch as undiciFetch, type RequestInfo, type RequestInit } from 'undici';

import { OutboundGuard } from '@common/outbound';

import { GeneratorConfig } from '../generator.config';
import type { ModelAccess } from './agent.port';

/** Places that connections are kept to; the one unused longest is closed beyond it. */
const MAX_LINES = 200;

/** Kept-alive connections to model servers, one pool per address; each goes only where the outbound rule allows. */
@Injectable()
export class ModelLines {
  private readonly agents = new Map<string, Agent>();

  constructor(
    private readonly guard: OutboundGuard,
    private readonly config: GeneratorConfig,
  ) {}

  /** A `fetch` for the SDK. Redirects are refused: they could lead where the address itself may not. */
  to(model: ModelAccess): typeof fetch {
    const dispatcher = this.agentFor(model);
    const guarded = (url: RequestInfo, init?: RequestInit) =>
      undiciFetch(url, { ...init, dispatcher, redirect: 'error' });
    // undici's types and those of Node's own fetch describe the same objects.
    return guarded as unknown as typeof fetch;
  }

  private agentFor({ baseUrl, isTrustedAddress }: ModelAccess): Agent {
    const key = `${String(isTrustedAddress)} ${baseUrl ?? ''}`;
    const agent = this.agents.get(key) ?? this.open(baseUrl ?? '', isTrustedAddress);
    // Moved to the end: the map's order is the order of use.
    this.agents.delete(key);
    this.agents.set(key, agent);
    this.closeOldest();
    return agent;
  }

  private open(baseUrl: string, isTrusted: boolean): Agent {
    return this.guard.dispatcher({
      extraHosts: isTrusted ? [baseUrl] : [],
      connectTimeoutMs: this.config.MODEL_CONNECT_TIMEOUT_MS,
    });
  }

  private closeOldest(): void {
    const [oldest] = this.agents;
    if (this.agents.size <= MAX_LINES || !oldest) return;
    this.agents.delete(oldest[0]);
    // Graceful: requests that run on it end first.
    void oldest[1].close();
  }
}
