import { type SharedToken, SharedTokens } from './shared-tokens.port';

/** For one process and for specs. */
export class MemorySharedTokens extends SharedTokens {
  private readonly tokens = new Map<string, SharedToken>();

  read(clientId: string): Promise<SharedToken | null> {
    return Promise.resolve(this.tokens.get(clientId) ?? null);
  }

  write(clientId: string, token: SharedToken): Promise<void> {
    this.tokens.set(clientId, token);
    return Promise.resolve();
  }

  drop(clientId: string, token: string): Promise<void> {
    if (this.tokens.get(clientId)?.token === token) this.tokens.delete(clientId);
    return Promise.resolve();
  }
}
