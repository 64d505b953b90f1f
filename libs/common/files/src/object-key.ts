const PART = /^[\w-]+$/;

/**
 * A key of parts that begin with the tenant. Parts are ids and never what somebody wrote: a name of a file could lead
 * out of a folder.
 * @throws RangeError for anything else
 */
export function objectKey(tenantId: string, ...parts: readonly string[]): string {
  const all = [tenantId, ...parts];
  if (parts.length === 0 || !all.every((part) => PART.test(part)))
    throw new RangeError('a key is made of ids');
  return all.join('/');
}

/** @throws RangeError for a key that `objectKey` did not make */
export function mustBeKey(key: string): string {
  const [tenantId = '', ...parts] = key.split('/');
  return objectKey(tenantId, ...parts);
}

/** Where one try to fetch a file that somebody sent puts it. */
export const sentFileKey = (
  tenantId: string,
  channelId: string,
  fileId: string,
  attempt: number,
): string => objectKey(tenantId, channelId, `${fileId}-${attempt}`);

/** Where the n-th file lies that an agent gave with one attempt at an answer. */
export const answerFileKey = (
  tenantId: string,
  turnId: string,
  attempt: number,
  n: number,
): string => objectKey(tenantId, 'answers', turnId, `${attempt}-${n}`);
