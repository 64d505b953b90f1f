import type { Agent } from 'node:http';

import { HttpsProxyAgent } from 'https-proxy-agent';
import { type Dispatcher, EnvHttpProxyAgent } from 'undici';

export interface EgressOptions {
  /** `http://[user:password@]host:port`; unset: calls leave directly. */
  readonly proxyUrl?: string | undefined;
  /** Hosts that are called directly, as in NO_PROXY: names, `.suffixes`, `host:port`, `*`. This machine always is. */
  readonly noProxy?: string | undefined;
}

const ALWAYS_DIRECT = 'localhost,127.0.0.1,::1';

/** How calls to the platform leave: directly, or through an HTTP proxy (CONNECT). One per process. */
export class Egress {
  /** For undici; undefined: no proxy is set up. */
  readonly dispatcher: Dispatcher | undefined;
  private readonly agent: Agent | undefined;
  private readonly direct: readonly string[];

  constructor({ proxyUrl, noProxy = '' }: EgressOptions = {}) {
    const list = `${ALWAYS_DIRECT},${noProxy}`;
    this.direct = list.split(/[\s,]+/).filter((entry) => entry !== '');
    if (proxyUrl === undefined) return;
    this.agent = new HttpsProxyAgent(proxyUrl);
    this.dispatcher = new EnvHttpProxyAgent({
      httpProxy: proxyUrl,
      httpsProxy: proxyUrl,
      noProxy: list,
      connections: 128,
      keepAliveTimeout: 30_000,
    });
  }

  /** For `ws` and other users of Node's own client; undefined: directly. */
  agentFor(url: string): Agent | undefined {
    return this.agent && !this.isDirect(new URL(url)) ? this.agent : undefined;
  }

  async close(): Promise<void> {
    this.agent?.destroy();
    await this.dispatcher?.close();
  }

  /** As undici reads NO_PROXY, so that both ways leave alike. */
  private isDirect({ hostname, port, protocol }: URL): boolean {
    const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
    const portOrDefault = port || (/^(wss|https):$/.test(protocol) ? '443' : '80');
    return this.direct.some((entry) => {
      if (entry === '*') return true;
      const [, name = '', entryPort] = /^(.+?)(?::(\d+))?$/.exec(entry) ?? [];
      if (entry === host) return true;
      if (entryPort !== undefined && entryPort !== portOrDefault) return false;
      const wanted = name.toLowerCase();
      return /^[.*]/.test(wanted) ? host.endsWith(wanted.replace(/^\*/, '')) : host === wanted;
    });
  }
}
