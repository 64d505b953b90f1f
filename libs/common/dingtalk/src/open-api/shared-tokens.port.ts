/** An access token and the moment it expires, in ms since the epoch. The token is a secret: store it sealed. */
export interface SharedToken {
  readonly token: string;
  readonly expiresAtMs: number;
}

/**
 * Lets the processes of an installation share access tokens, so that each app asks for one token per validity (C1).
 * Implementations fail fast: a call waits for them. Errors are reported and otherwise ignored; then every process
 * fetches its own token, which the platform allows. A holder is an app on a platform: the client id, and where it is.
 */
export abstract class SharedTokens {
  abstract read(holder: string): Promise<SharedToken | null>;
  abstract write(holder: string, token: SharedToken): Promise<void>;
  /** Removes the token if it is still this one: another process may have replaced it already. */
  abstract drop(holder: string, token: string): Promise<void>;
}
