import { AppError } from '@common/kernel';

/** Why an address was refused; stable, for logs and for the person who entered the URL. */
export type RefusalReason =
  | 'not_a_url'
  | 'scheme_not_allowed'
  | 'credentials_in_url'
  | 'address_not_public'
  | 'metadata_address';

const sentences: Record<RefusalReason, string> = {
  not_a_url: 'this is not a complete URL',
  scheme_not_allowed: 'only http and https are allowed',
  credentials_in_url: 'a user name or password inside the URL is not allowed',
  address_not_public:
    'the host is not a public address; an operator can allow it with OUTBOUND_ALLOW',
  metadata_address: 'link-local addresses (169.254.0.0/16) are never allowed',
};

/** A request to a place where content or a tenant must not lead us. Names the host at most, never path or query. */
export class OutboundRefusedError extends AppError {
  readonly code = 'outbound_refused';
  readonly retry = 'never';

  constructor(
    readonly reason: RefusalReason,
    host: string | null = null,
  ) {
    super(`outbound request refused: ${sentences[reason]}`, { details: { reason, host } });
  }
}
