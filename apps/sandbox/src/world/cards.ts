import { BoundedMap } from './bounded-map';
import type { Card } from './card';

const MAX_CARDS = 20_000;

/** Card instances by app and outTrackId: an app cannot touch another app's card. */
export class Cards {
  private readonly cards = new BoundedMap<Card>(MAX_CARDS);

  get(clientId: string, outTrackId: string): Card | undefined {
    return this.cards.get(keyOf(clientId, outTrackId));
  }

  add(card: Card): void {
    this.cards.set(keyOf(card.clientId, card.outTrackId), card);
  }

  /** The card of whichever app has it, for the control API. */
  find(outTrackId: string, clientId?: string): Card | undefined {
    if (clientId) return this.get(clientId, outTrackId);
    return this.cards.values().find((card) => card.outTrackId === outTrackId);
  }

  list(): Card[] {
    return this.cards.values();
  }

  clear(): void {
    this.cards.clear();
  }
}

const keyOf = (clientId: string, outTrackId: string): string => `${clientId}\n${outTrackId}`;
