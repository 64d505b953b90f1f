import type { Secret } from '@common/config';

/** Which app calls. `clientId` is the same as the app key. */
export interface AppCredentials {
  readonly clientId: string;
  readonly clientSecret: Secret;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** For the whole call, a token and one repetition with a new token included. Default 4 000. */
  readonly timeoutMs?: number | undefined;
}

export const DEFAULT_TIMEOUT_MS = 4_000;
