import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { LookupFunction } from 'node:net';

import { Agent, buildConnector } from 'undici';

import { classOf, readAddress } from './address-class';
import { AllowList, hostKey, portOf } from './allow-list';
import { OutboundRefusedError } from './outbound-refused.error';

/** As `dns.lookup` with `all: true`; tests bring their own. */
export type Resolve = (
  host: string,
  options: { readonly all: true; readonly family?: number },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export interface OutboundGuardOptions {
  /** Where the operator's own configuration leads: the DINGTALK_*_URL and OPENAI_BASE_URL. */
  readonly allowedHosts?: readonly string[];
  /** OUTBOUND_ALLOW: further hosts, `host:port` and CIDRs. */
  readonly allow?: readonly string[];
  readonly resolve?: Resolve;
}

export interface DispatcherOptions {
  /** Further hosts for this dispatcher alone, e.g. of a model URL that was written with a platform key. */
  readonly extraHosts?: readonly string[];
  readonly agent?: Omit<Agent.Options, 'connect'>;
  /** Default 5 000. */
  readonly connectTimeoutMs?: number;
}

/**
 * Keeps requests whose URL came from content or from a tenant out of our own network. `check` judges what can be seen
 * in the URL; `dispatcher` judges every address a name resolves to at the moment of connecting, and connects to just
 * these, so that a name which changes its address in between (DNS rebinding) gains nothing. Redirects are not followed
 * by undici's `request`; whoever follows them through the same dispatcher is checked again at every hop.
 */
export class OutboundGuard {
  private readonly allowed: AllowList;
  private readonly resolve: Resolve;

  constructor({
    allowedHosts = [],
    allow = [],
    resolve = systemLookup,
  }: OutboundGuardOptions = {}) {
    this.allowed = new AllowList([...allowedHosts, ...allow]);
    this.resolve = resolve;
  }

  /**
   * Refuses what is wrong at sight; a name that resolves to a private address is found by the dispatcher.
   * @throws OutboundRefusedError
   */
  check(url: string | URL, extraHosts: readonly string[] = []): void {
    if (!URL.canParse(String(url))) throw new OutboundRefusedError('not_a_url');
    const parsed = new URL(String(url));
    const { protocol, username, password, hostname } = parsed;
    if (protocol !== 'http:' && protocol !== 'https:')
      throw new OutboundRefusedError('scheme_not_allowed');
    if (username !== '' || password !== '') throw new OutboundRefusedError('credentials_in_url');
    this.checkHost(hostname, portOf(parsed), new AllowList(extraHosts));
  }

  /** An undici Agent that checks at connect. Whoever asks for it closes it. */
  dispatcher({
    extraHosts = [],
    agent = {},
    connectTimeoutMs = 5_000,
  }: DispatcherOptions = {}): Agent {
    const extra = new AllowList(extraHosts);
    const connector = (isTrusted: boolean) =>
      buildConnector({
        timeout: connectTimeoutMs,
        lookup: this.lookup(isTrusted),
      } as buildConnector.BuildOptions);
    const [strict, trusted] = [connector(false), connector(true)];
    return new Agent({
      ...agent,
      connect: (options, callback) => {
        const port = options.port || (options.protocol === 'https:' ? '443' : '80');
        try {
          // An address in the URL is connected to without any look-up.
          this.checkHost(options.hostname, port, extra);
        } catch (error) {
          return callback(error as Error, null);
        }
        const isTrusted = this.vouchedFor(options.hostname, port, extra);
        return (isTrusted ? trusted : strict)(options, callback);
      },
    });
  }

  /**
   * The same for one connection of `ws` or of Node's own client.
   * @param url `ws:` or `wss:`, `http:` or `https:`
   * @throws OutboundRefusedError
   */
  agent(url: string, extraHosts: readonly string[] = []): HttpAgent {
    const target = new URL(url.replace(/^ws/i, 'http'));
    this.check(target, extraHosts);
    const port = portOf(target);
    const lookup = this.lookup(this.vouchedFor(target.hostname, port, new AllowList(extraHosts)));
    return target.protocol === 'https:' ? new HttpsAgent({ lookup }) : new HttpAgent({ lookup });
  }

  private vouchedFor(host: string, port: string, extra: AllowList): boolean {
    return this.allowed.hasHost(host, port) || extra.hasHost(host, port);
  }

  private checkHost(host: string, port: string, extra: AllowList): void {
    const isTrusted = this.vouchedFor(host, port, extra);
    if (readAddress(host)) return this.checkAddress(host, isTrusted, host, extra);
    if (!isTrusted && /(^|\.)localhost$/.test(hostKey(host)))
      throw new OutboundRefusedError('address_not_public', host);
  }

  private checkAddress(text: string, isTrusted: boolean, host: string, extra?: AllowList): void {
    const address = readAddress(text);
    const kind = address ? classOf(address) : 'internal';
    if (kind === 'metadata') throw new OutboundRefusedError('metadata_address', host);
    if (kind === 'public' || isTrusted) return;
    if (this.allowed.hasAddress(text) || extra?.hasAddress(text)) return;
    throw new OutboundRefusedError('address_not_public', host);
  }

  /** One bad address among the answers refuses them all: which one would be taken is not ours to know. */
  private lookup(isTrusted: boolean): LookupFunction {
    return (host, options, callback) => {
      const family = options.family === 4 || options.family === 6 ? { family: options.family } : {};
      this.resolve(host, { all: true, ...family }, (error, addresses) => {
        if (error) return callback(error, []);
        const [first] = addresses;
        try {
          if (!first) throw new OutboundRefusedError('address_not_public', host);
          for (const { address } of addresses) this.checkAddress(address, isTrusted, host);
        } catch (refusal) {
          return callback(refusal as Error, []);
        }
        if (options.all) return callback(null, addresses);
        return callback(null, first.address, first.family);
      });
    };
  }
}
