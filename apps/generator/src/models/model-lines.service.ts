import { Injectable } from '@nestjs/common';
import {
  type Dispatcher,
  fetch as undiciFetch,
  ProxyAgent,
  type RequestInfo,
  type RequestInit,
} from 'undici';

import { SecretBox } from '@common/kernel';
import { OutboundGuard } from '@common/outbound';

import { GeneratorConfig } from '../generator.config';
import type { ModelAccess } from './model-access';
import { asEventStream } from './whole-answer';

/** Places that connections are kept to; the one unused longest is closed beyond it. */
const MAX_LINES = 200;
/** Of one answer, however it is written; the words in it are far fewer. */
const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;

/** Where a line leads; what distinguishes pools of connections. */
export type Destination = Pick<ModelAccess, 'baseUrl' | 'isTrustedAddress' | 'timeouts' | 'proxy'>;

/** Kept-alive connections to model servers, one pool per address; each goes only where the outbound rule allows. */
@Injectable()
export class ModelLines {
  private readonly lines = new Map<string, Dispatcher>();

  constructor(
    private readonly guard: OutboundGuard,
    private readonly config: GeneratorConfig,
    private readonly secrets: SecretBox,
  ) {}

  /**
   * A `fetch` for an SDK. Redirects are refused: they could lead where the address itself may not.
   * @param mustStream whether an answer in one piece is made a stream
   */
  to(destination: Destination, mustStream = true): typeof fetch {
    const guarded = async (url: RequestInfo, init?: RequestInit) => {
      // Taken anew for each request: a line that was not used for long may have been closed.
      const dispatcher = this.lineTo(destination);
      const response = await undiciFetch(url, { ...init, dispatcher, redirect: 'error' });
      return mustStream ? asEventStream(response) : response;
    };
    // undici's types and those of Node's own fetch describe the same objects.
    return guarded as unknown as typeof fetch;
  }

  private lineTo(destination: Destination): Dispatcher {
    const { baseUrl, isTrustedAddress, timeouts } = destination;
    const proxy = destination.proxy ? this.secrets.openText(destination.proxy) : '';
    const key = [isTrustedAddress, baseUrl, timeouts.connectMs, proxy].join(' ');
    const line = this.lines.get(key) ?? this.open(destination, proxy);
    // Moved to the end: the map's order is the order of use.
    this.lines.delete(key);
    this.lines.set(key, line);
    this.closeOldest();
    return line;
  }

  private open({ baseUrl, isTrustedAddress, timeouts }: Destination, proxy: string): Dispatcher {
    const connectTimeoutMs = timeouts.connectMs ?? this.config.MODEL_CONNECT_TIMEOUT_MS;
    // Patience measures silence; undici's own clocks (5 minutes) must not be shorter.
    const agent = { bodyTimeout: 0, headersTimeout: 0, maxResponseSize: MAX_RESPONSE_BYTES };
    if (proxy !== '')
      return new ProxyAgent({ uri: proxy, ...agent, connect: { timeout: connectTimeoutMs } });
    return this.guard.dispatcher({
      extraHosts: isTrustedAddress && baseUrl ? [baseUrl] : [],
      connectTimeoutMs,
      agent,
    });
  }

  private closeOldest(): void {
    const [oldest] = this.lines;
    if (this.lines.size <= MAX_LINES || !oldest) return;
    this.lines.delete(oldest[0]);
    // Graceful: requests that run on it end first.
    void oldest[1].close();
  }
}
