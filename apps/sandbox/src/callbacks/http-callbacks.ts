import type { PlatformApp } from '../world/directory.types';

/** Where an app wants its pushes, and how they are signed. Each part alone is possible. */
export interface HttpCallbacks {
  readonly eventsUrl?: string | undefined;
  readonly token?: string | undefined;
  readonly aesKey?: string | undefined;
  /** Whom events name as owner: the app, or the corp for subscriptions of the old API. */
  readonly owner?: string | undefined;
  readonly messagesUrl?: string | undefined;
  readonly cardsUrl?: string | undefined;
  readonly apiSecret?: string | undefined;
}

/** One HTTP push and its answer. Never holds a secret or a body. */
export interface HttpPushRecord {
  readonly at: number;
  readonly clientId: string;
  readonly kind: 'event' | 'message' | 'card';
  /** eventId, msgId or outTrackId. */
  readonly key: string;
  /** 0: no answer. */
  readonly status: number;
  readonly tookMs: number;
  /** Whether the platform is content with the answer. */
  readonly ok: boolean;
}

/** An event that nobody took (§D.1): read once, then gone. */
export interface FailedEvent {
  readonly clientId: string;
  readonly eventType: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly at: number;
}

/** Which way a push goes when nobody says: over HTTP where an address for it is set. */
export type Via = 'stream' | 'http' | 'both';

export const urlFor = (
  callbacks: HttpCallbacks | undefined,
  kind: HttpPushRecord['kind'],
): string | undefined =>
  kind === 'event'
    ? callbacks?.eventsUrl
    : kind === 'message'
      ? callbacks?.messagesUrl
      : callbacks?.cardsUrl;

export const ownerOf = (app: PlatformApp, callbacks: HttpCallbacks): string =>
  callbacks.owner ?? app.clientId;
