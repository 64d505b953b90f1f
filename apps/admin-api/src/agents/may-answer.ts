import type { Caller } from '../auth/caller.decorator';
import { ForbiddenError } from '../http/api.errors';

/**
 * A version whose address a platform key once allowed comes back by a platform key alone, unless that address is in use:
 * the platform may have had its reasons to take it away.
 */
export function mayAnswer(
  { isPlatform }: Caller,
  version: { readonly trusted_address: boolean; readonly is_address_of_current: boolean },
): void {
  if (isPlatform || !version.trusted_address || version.is_address_of_current) return;
  throw new ForbiddenError(
    'platform_key_required',
    'A platform key wrote the address of this version; only one may bring it back.',
  );
}
