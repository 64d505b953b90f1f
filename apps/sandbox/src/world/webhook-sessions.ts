import { randomBytes } from 'node:crypto';
import { BoundedMap } from './bounded-map';

interface WebhookSession {
  readonly clientId: string;
  readonly conversationId: string;
  readonly expiresAt: number;
}

/** The sessions behind sessionWebhook addresses (§5.2). */
export class WebhookSessions {
  private readonly sessions = new BoundedMap<WebhookSession>(50_000);

  /** @param lifeMs how long the webhook really works */
  open(clientId: string, conversationId: string, lifeMs: number): string {
    const session = randomBytes(16).toString('hex');
    this.sessions.set(session, { clientId, conversationId, expiresAt: Date.now() + lifeMs });
    return session;
  }

  /** Also finds expired ones, so that a call can be attributed. */
  find(session: string): (WebhookSession & { readonly isLive: boolean }) | undefined {
    const held = this.sessions.get(session);
    return held && { ...held, isLive: held.expiresAt > Date.now() };
  }

  clear(): void {
    this.sessions.clear();
  }
}
