import { type Cidr, isIn, readAddress, readCidr } from './address-class';

/** Default ports, so that `https://host` and `host:443` are the same place. */
const PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

export const portOf = ({ port, protocol }: URL): string => port || (PORTS[protocol] ?? '');

/** A host as a key: lower case, without brackets and the dot of the DNS root. */
export const hostKey = (host: string): string =>
  host
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');

/** Hosts and networks an operator vouches for. A bare host is allowed on every port, `host:port` on that one only. */
export class AllowList {
  private readonly hosts = new Set<string>();
  private readonly cidrs: Cidr[] = [];

  /**
   * @param entries URLs, `host`, `host:port`, addresses or CIDRs
   * @throws RangeError that names an entry it cannot read
   */
  constructor(entries: readonly string[]) {
    entries
      .map((entry) => entry.trim())
      .filter(Boolean)
      .forEach((entry) => this.add(entry));
  }

  hasHost(host: string, port: string): boolean {
    const key = hostKey(host);
    return this.hosts.has(key) || this.hosts.has(`${key}:${port}`);
  }

  hasAddress(text: string): boolean {
    const address = readAddress(text);
    return address !== null && this.cidrs.some((cidr) => isIn(address, cidr));
  }

  private add(entry: string): void {
    const cidr = readCidr(entry);
    if (cidr) return void this.cidrs.push(cidr);
    if (/^https?:\/\//i.test(entry) && URL.canParse(entry)) {
      const url = new URL(entry);
      return void this.hosts.add(`${hostKey(url.hostname)}:${portOf(url)}`);
    }
    const [, host, port] = /^(\[[\da-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/i.exec(entry) ?? [];
    if (host === undefined)
      throw new RangeError(`not a host, URL or CIDR: "${entry.slice(0, 80)}"`);
    this.hosts.add(port === undefined ? hostKey(host) : `${hostKey(host)}:${Number(port)}`);
  }
}
