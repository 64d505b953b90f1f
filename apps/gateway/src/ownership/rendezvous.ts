/**
 * The members that should hold a channel, best first: rendezvous hashing. Everybody who knows the same members finds the
 * same holders, and a member that comes or goes moves only its own share.
 */
export function holdersOf(channelId: string, members: readonly string[], count: number): string[] {
  return members
    .map((id) => ({ id, weight: weightOf(`${id}/${channelId}`) }))
    .sort((one, other) => other.weight - one.weight || (one.id < other.id ? -1 : 1))
    .slice(0, count)
    .map(({ id }) => id);
}

/** FNV-1a with the finalizer of MurmurHash3: 32 well mixed bits, without a call into OpenSSL per channel and member. */
function weightOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
