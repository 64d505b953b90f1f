import OpenAI from 'openai';

import { ModelError } from './model.errors';
import type { Destination, ModelLines } from './model-lines.service';

/** Clients that are kept; the one unused longest goes beyond it. */
const MAX_CLIENTS = 200;

/** The SDK's clients, one per place that is called: to make one costs as much as to ask. They know no secrets. */
export class OpenAiClients {
  private readonly clients = new Map<string, OpenAI>();

  constructor(private readonly lines: ModelLines) {}

  /** @throws ModelError without an address */
  to(destination: Destination): OpenAI {
    const { baseUrl, isTrustedAddress, timeouts, proxy } = destination;
    if (!baseUrl) throw new ModelError('model_misconfigured');
    const key = [isTrustedAddress, baseUrl, timeouts.connectMs, proxy?.toString('base64')].join(
      ' ',
    );
    const client = this.clients.get(key) ?? this.make(baseUrl, destination);
    // Moved to the end: the map's order is the order of use.
    this.clients.delete(key);
    this.clients.set(key, client);
    const [oldest = ''] = this.clients.keys();
    if (this.clients.size > MAX_CLIENTS) this.clients.delete(oldest);
    return client;
  }

  private make(baseUrl: string, destination: Destination): OpenAI {
    const url = new URL(baseUrl);
    // Azure's addresses carry a version: `…/openai/deployments/x?api-version=…`.
    const defaultQuery = Object.fromEntries(url.searchParams);
    url.search = '';
    return new OpenAI({
      baseURL: url.toString().replace(/\/$/, ''),
      // Each call brings its own.
      apiKey: 'none',
      maxRetries: 0,
      // The SDK would write what it cannot parse to the console.
      logLevel: 'off',
      // Patience measures; the SDK's own clock must not be shorter.
      timeout: 3_600_000,
      defaultQuery,
      fetch: this.lines.to(destination),
    });
  }
}

/** Azure has a header of its own for keys. */
export const isAzure = (baseUrl: string): boolean =>
  new URL(baseUrl).hostname.endsWith('.azure.com');
