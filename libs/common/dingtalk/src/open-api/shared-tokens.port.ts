/** An access token and the moment it expires, in ms since the epoch. The token is a secret: store it sealed. */
export interface SharedToken {
  readonly token: string;
  readonly expiresAtMs: number;
}

/**
 * Lets the processes of an installation share access tokens, so that each app asks for one token per validity (C1).
 * Implementations fail fast: a call waits for them. Errors are reported and otherwise ignored; then every process
 * fetches its own token, which the platform allows.
 */
export abstract class SharedTokens {
  abstract read(clientId: string): Promise<SharedToken | null>;
  abstract write(clientId: string, token: SharedToken): Promise<void>;
  /** Removes the token if it is still this one: another process may have replaced it already. */
  abstract drop(clientId: string, token: string): Promise<void>;
}
