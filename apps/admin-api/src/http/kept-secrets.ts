import type { Caller } from '../auth/caller.decorator';
import { InvalidInputError } from './api.errors';

/**
 * What is stored is sent to an address: a tenant that moves the address must know the secret, or reading it would take no more
 * than a patch to a host of one's own. A platform key may move it as it is.
 * @param stored which secrets are there, by the field that writes them
 * @throws InvalidInputError naming every field that is missing
 */
export function refuseKeptSecrets(
  { isPlatform }: Pick<Caller, 'isPlatform'>,
  stored: Readonly<Record<string, boolean>>,
  patch: Readonly<Record<string, unknown>>,
): void {
  if (isPlatform) return;
  const errors = Object.keys(stored)
    .filter((field) => stored[field] && patch[field] === undefined)
    .map((path) => ({ path, message: 'must be given again when the address changes' }));
  if (errors.length > 0) throw new InvalidInputError(errors);
}
