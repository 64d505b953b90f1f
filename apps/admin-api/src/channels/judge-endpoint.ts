import { type OutboundGuard, OutboundRefusedError } from '@common/outbound';

import { type FieldError, InvalidInputError } from '../http/api.errors';
import type { MergedChannel } from './channels.dto';
import type { ChannelRow, StoredChannel } from './channels.repository';

type Judged = Pick<StoredChannel, 'endpoint' | 'isTrustedEndpoint'>;

/**
 * Where a channel's platform may be: at public addresses, or anywhere when a platform key says so; never at 169.254.0.0/16.
 * One that is not changed stays as trusted as it was.
 * @throws InvalidInputError
 */
export function judgeEndpoint(
  { endpoint: wanted = {} }: Pick<MergedChannel, 'endpoint'>,
  { guard, isPlatform, row }: { guard: OutboundGuard; isPlatform: boolean; row?: ChannelRow },
): Judged {
  const { apiUrl, oapiUrl } = wanted;
  if (apiUrl === undefined && oapiUrl === undefined)
    return { endpoint: null, isTrustedEndpoint: false };
  if (row?.endpoint?.apiUrl === apiUrl && row?.endpoint?.oapiUrl === oapiUrl)
    return { endpoint: wanted, isTrustedEndpoint: row?.trusted_endpoint ?? false };
  const errors = (['apiUrl', 'oapiUrl'] as const).flatMap((host) =>
    refusal(guard, host, wanted[host], isPlatform),
  );
  if (errors.length > 0) throw new InvalidInputError(errors);
  return { endpoint: wanted, isTrustedEndpoint: isPlatform };
}

function refusal(
  guard: OutboundGuard,
  host: string,
  url: string | undefined,
  isTrusted: boolean,
): FieldError[] {
  if (url === undefined) return [];
  try {
    guard.check(url, isTrusted ? [url] : []);
    return [];
  } catch (error) {
    if (!(error instanceof OutboundRefusedError)) throw error;
    return [{ path: `endpoint.${host}`, message: error.message }];
  }
}
