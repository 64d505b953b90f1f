import type { Agent } from 'node:http';

import { Egress, type OutboundGuard } from '@common/outbound';
import type { Dispatcher } from 'undici';

import type { AppEndpoint } from '../open-api/app-endpoint';

/** How calls and connections leave. */
export interface Route {
  /** For undici; undefined: directly. */
  readonly dispatcher: Dispatcher | undefined;
  /** For `ws`; undefined: directly. @throws OutboundRefusedError */
  agentFor(url: string): Agent | undefined;
}

/**
 * The way to an app's platform. To one that a channel names itself it leads past the outbound guard: only a platform key
 * may name a place inside our own network. Behind a proxy names are resolved there.
 */
export class EndpointRoutes {
  private readonly dispatchers = new Map<string, Dispatcher>();

  constructor(
    private readonly guard: OutboundGuard,
    private readonly egress = new Egress(),
  ) {}

  /** @param endpoint null: the installation's own */
  to(endpoint: AppEndpoint | null | undefined): Route {
    if (!endpoint) return this.egress;
    const hosts = trustedHosts(endpoint);
    return {
      dispatcher: this.egress.dispatcher ?? this.guarded(hosts),
      agentFor: (url) => {
        // Where a trusted platform leads its streams is as trusted as itself.
        const agent = this.guard.agent(url, endpoint.isTrusted ? [...hosts, asHttp(url)] : []);
        return this.egress.agentFor(url) ?? agent;
      },
    };
  }

  /** @throws OutboundRefusedError for a URL that leads into our own network and not to the app's platform */
  check(url: string, endpoint: AppEndpoint | null | undefined): void {
    this.guard.check(url, endpoint ? trustedHosts(endpoint) : []);
  }

  async close(): Promise<void> {
    await Promise.all([...this.dispatchers.values()].map((dispatcher) => dispatcher.close()));
  }

  /** One for all places that nobody vouches for, and one for each place that a platform key named. */
  private guarded(extraHosts: readonly string[]): Dispatcher {
    const key = extraHosts.join(' ');
    const there = this.dispatchers.get(key);
    if (there) return there;
    const agent = { keepAliveTimeout: 30_000, connections: 128 };
    const dispatcher = this.guard.dispatcher({ extraHosts, agent });
    this.dispatchers.set(key, dispatcher);
    return dispatcher;
  }
}

const trustedHosts = ({ isTrusted, apiUrl, oapiUrl }: AppEndpoint): string[] =>
  isTrusted ? [apiUrl, oapiUrl].filter((url) => url !== undefined) : [];

const asHttp = (url: string): string => url.replace(/^ws/, 'http');
