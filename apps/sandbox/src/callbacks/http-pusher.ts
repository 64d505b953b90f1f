import { randomUUID } from 'node:crypto';
import type { PlatformApp } from '../world/directory.types';
import type { World } from '../world/world';
import { cardSign, isAnswer, robotSign, sealText } from './event-crypto';
import { type HttpCallbacks, type HttpPushRecord, ownerOf } from './http-callbacks';

interface Exchange {
  readonly status: number;
  /** Parsed JSON, or undefined. */
  readonly body: unknown;
  readonly isRedirect: boolean;
}

const NO_ANSWER: Exchange = { status: 0, body: undefined, isRedirect: false };

/** The platform as a caller of the app's addresses: signs, encrypts, waits, repeats (enterprise reference §D, §F.4). */
export class HttpPusher {
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor(private readonly world: World) {}

  /** Pushes an event, and again after 10 s and 30 s; then it is in the failed list (E97). */
  event(app: PlatformApp, callbacks: HttpCallbacks, payload: Record<string, unknown>): void {
    const { callbackRetryMs } = this.world.settings;
    const again = async (tried: number): Promise<void> => {
      if (await this.eventOnce(app, callbacks, payload)) return;
      const waitMs = callbackRetryMs[tried];
      if (waitMs === undefined) {
        const eventType = String(payload['EventType']);
        const at = this.world.now();
        this.world.failedEvents.add({ clientId: app.clientId, eventType, payload, at });
        return;
      }
      this.after(waitMs, () => again(tried + 1));
    };
    void again(0);
  }

  /** One push. @returns whether the answer decrypts to the word */
  async eventOnce(
    app: PlatformApp,
    callbacks: HttpCallbacks,
    payload: Readonly<Record<string, unknown>>,
    word = 'success',
  ): Promise<boolean> {
    const { eventsUrl = '', token = '', aesKey = '' } = callbacks;
    const [timestamp, nonce] = [String(this.world.now()), randomUUID().slice(0, 8)];
    const { encrypt, signature } = sealText(
      { token, aesKey },
      { message: JSON.stringify(payload), owner: ownerOf(app, callbacks), timestamp, nonce },
    );
    const url = new URL(eventsUrl);
    const stamp = { msg_signature: signature, signature, timestamp, nonce };
    for (const [name, value] of Object.entries(stamp)) url.searchParams.set(name, value);
    const isGood = ({ status, body }: Exchange): boolean =>
      status === 200 && isAnswer({ token, aesKey }, body, word);
    const key = String(payload['eventId'] ?? payload['EventType']);
    const answer = await this.post(app, 'event', key, url.href, { encrypt }, {}, isGood);
    return isGood(answer);
  }

  async message(app: PlatformApp, url: string, payload: object, msgId: string): Promise<boolean> {
    const timestamp = String(this.world.now());
    const headers = { timestamp, sign: robotSign(timestamp, app.clientSecret) };
    return (await this.post(app, 'message', msgId, url, payload, headers)).status === 200;
  }

  /** @returns the card data of the answer, or undefined when there was none in time */
  async card(
    app: PlatformApp,
    callbacks: HttpCallbacks,
    payload: object,
    outTrackId: string,
  ): Promise<Exchange> {
    const timestamp = String(this.world.now());
    const headers = {
      'x-ddpaas-signature-timestamp': timestamp,
      'x-ddpaas-signature': cardSign(timestamp, callbacks.apiSecret ?? ''),
    };
    return this.post(app, 'card', outTrackId, callbacks.cardsUrl ?? '', payload, headers);
  }

  /** Stops every repetition. */
  clear(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }

  private async post(
    app: PlatformApp,
    kind: HttpPushRecord['kind'],
    key: string,
    url: string,
    payload: object,
    headers: Record<string, string>,
    isGood: (answer: Exchange) => boolean = ({ status }) => status === 200,
  ): Promise<Exchange> {
    const { callbackTimeoutMs, callbackMs } = this.world.settings;
    const timeoutMs = kind === 'card' ? callbackMs : callbackTimeoutMs;
    const startedAt = Date.now();
    const answer = await exchange(url, payload, headers, timeoutMs);
    this.world.httpPushes.add({
      at: startedAt,
      clientId: app.clientId,
      kind,
      key,
      status: answer.status,
      tookMs: Date.now() - startedAt,
      ok: isGood(answer),
    });
    return answer;
  }

  private after(ms: number, run: () => Promise<void>): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      void run();
    }, ms);
    timer.unref();
    this.timers.add(timer);
  }
}

async function exchange(
  url: string,
  payload: object,
  headers: Record<string, string>,
  timeoutMs: number,
): Promise<Exchange> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(payload),
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    const isRedirect = response.status >= 300 && response.status < 400;
    return { status: response.status, body: parse(text), isRedirect };
  } catch {
    return NO_ANSWER; // Refused, reset or too late: all the same to the platform.
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
