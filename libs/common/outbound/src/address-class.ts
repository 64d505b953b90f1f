import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
export type AddressClass = 'public' | 'internal' | 'metadata';
export type Cidr = readonly [Address, number];

/** NAT64 (RFC 6052): networks without IPv4 reach public IPv4 hosts through it. */
const NAT64 = ipaddr.parseCIDR('64:ff9b::/96');
const METADATA = ipaddr.parseCIDR('169.254.0.0/16');
const GLOBAL_V6 = ipaddr.parseCIDR('2000::/3');

/**
 * An address as the packet will see it: IPv4 inside IPv6 (mapped, compatible, NAT64) counts as that IPv4 address.
 * Null when the text is no address.
 */
export function readAddress(text: string): Address | null {
  const bare = text.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  if (!ipaddr.isValid(bare)) return null;
  const address = ipaddr.parse(bare);
  if (!(address instanceof ipaddr.IPv6)) return address;
  const bytes = address.toByteArray();
  const isEmbedded = bytes.slice(0, 12).every((byte, i) => byte === 0 || (i > 9 && byte === 255));
  const isSpecial = bytes.slice(0, 15).every((byte) => byte === 0);
  if ((isEmbedded && !isSpecial) || address.match(NAT64)) return new ipaddr.IPv4(bytes.slice(12));
  return address;
}

/** Only what routes on the public internet is public: anything that has a special purpose is internal. */
export function classOf(address: Address): AddressClass {
  if (isIn(address, METADATA)) return 'metadata';
  if (address.range() !== 'unicast') return 'internal';
  return address.kind() === 'ipv4' || isIn(address, GLOBAL_V6) ? 'public' : 'internal';
}

export const isIn = (address: Address, [network, bits]: Cidr): boolean =>
  address.kind() === network.kind() && address.match([network, bits] as [ipaddr.IPv6, number]);

/** `10.0.0.0/8`, or one address as `/32` or `/128`; null when the text is neither. */
export function readCidr(text: string): Cidr | null {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  const address = readAddress(text);
  return address ? [address, address.kind() === 'ipv4' ? 32 : 128] : null;
}
