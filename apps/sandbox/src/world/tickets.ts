import { BoundedMap } from './bounded-map';
import { newTicket } from './ids';

/** What an `open` call asked for; the WebSocket that brings the ticket gets it. */
export interface OpenRequest {
  readonly clientId: string;
  readonly subscriptions: readonly { readonly type: string; readonly topic: string }[];
  readonly ua: string;
  readonly localIp: string;
}

/** Tickets are good for one connection and a short time (C11). */
export class Tickets {
  private readonly tickets = new BoundedMap<{ request: OpenRequest; expiresAt: number }>(10_000);

  issue(request: OpenRequest, lifeMs: number): string {
    const ticket = newTicket();
    this.tickets.set(ticket, { request, expiresAt: Date.now() + lifeMs });
    return ticket;
  }

  /** Takes the ticket away; undefined when it is unknown, used or late. */
  redeem(ticket: string): OpenRequest | undefined {
    const held = this.tickets.get(ticket);
    if (!held) return undefined;
    this.tickets.delete(ticket);
    return held.expiresAt > Date.now() ? held.request : undefined;
  }
}
