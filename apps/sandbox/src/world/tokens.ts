import { randomBytes } from 'node:crypto';

interface Token {
  readonly clientId: string;
  readonly value: string;
  expiresAt: number;
}

/** One access token per app; asking again while it is valid returns and extends the same one (C1). */
export class Tokens {
  private readonly byApp = new Map<string, Token>();
  private readonly byValue = new Map<string, Token>();

  /** @param lifeMs validity from now */
  issue(clientId: string, lifeMs: number): string {
    const now = Date.now();
    const held = this.byApp.get(clientId);
    if (held && held.expiresAt > now) {
      held.expiresAt = now + lifeMs;
      return held.value;
    }
    this.revoke(clientId);
    const token = { clientId, value: randomBytes(16).toString('hex'), expiresAt: now + lifeMs };
    this.byApp.set(clientId, token);
    this.byValue.set(token.value, token);
    return token.value;
  }

  /** The app a valid token belongs to. */
  ownerOf(value: string): string | undefined {
    const token = this.byValue.get(value);
    return token && token.expiresAt > Date.now() ? token.clientId : undefined;
  }

  /** Makes the app's token invalid at once (C4). */
  revoke(clientId: string): void {
    const held = this.byApp.get(clientId);
    if (!held) return;
    this.byApp.delete(clientId);
    this.byValue.delete(held.value);
  }
}
