import type { Secret } from '@common/config';

import type { AppEndpoint } from './app-endpoint';

/** Which app calls. `clientId` is the same as the app key. */
export interface AppCredentials {
  readonly clientId: string;
  readonly clientSecret: Secret;
  /** Null: the installation's platform. */
  readonly endpoint?: AppEndpoint | null;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** For the whole call, a token and one repetition with a new token included. Default 4 000. */
  readonly timeoutMs?: number | undefined;
}

export const DEFAULT_TIMEOUT_MS = 4_000;
