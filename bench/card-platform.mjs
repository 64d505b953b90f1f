// The platform with cards: takes every call at once (or refuses what exceeds its limit) and notes when a question got its
// card and its last frame, or its text.
import { randomUUID } from 'node:crypto';
import { FakePlatform } from './fake-platform.mjs';

const CREATE = '/v1.0/card/instances/createAndDeliver';
const UPDATE = '/v1.0/card/instances';
const STREAM = '/v1.0/card/streaming';
const WEBHOOK = '/robot/sendBySession';
const TOKEN_PREFIX = 'token of ';
const PATIENCE_MS = 60_000;
const TOO_FAST = {
  code: 'Forbidden.AccessDenied.QpsLimitForAppkeyAndApi',
  message: 'the app calls this API too often',
};

export class CardPlatform extends FakePlatform {
  /** API calls that were taken; messages through session webhooks; calls refused for the rate. */
  calls = 0;
  webhooks = 0;
  refused = 0;
  /** Answers to questions that had one already. */
  surplus = 0;
  #callsOf = new Map();
  #cards = new Map();
  #shown = new Set();
  #waiting = new Map();
  #recent = new Map();
  #limit;

  /** @param options.callsPerSecond of one app and one API */
  constructor({ callsPerSecond = Infinity } = {}) {
    super();
    this.#limit = callsPerSecond;
  }

  /**
   * Asks and resolves when the answer is final: `{createdMs, finalMs, text}`, counted from `arrivedAt`, when the question was
   * due; or `{isLost: true}` when there is none within a minute.
   * @param options.copies how often the platform pushes it
   */
  question(clientId, sender, { text, arrivedAt = performance.now(), copies = 1 } = {}) {
    const key = `${clientId} ${sender}`;
    return new Promise((resolve) => {
      const question = { key, arrivedAt, createdMs: undefined, resolve };
      question.giveUp = setTimeout(() => this.#over(question, { isLost: true }), PATIENCE_MS);
      this.#waiting.set(key, [...this.#of(key), question]);
      const msgId = randomUUID();
      for (let n = 0; n < copies; n += 1) void this.ask(clientId, msgId, sender, text);
    });
  }

  /** `{api, webhook}` calls for one bot so far. */
  callsOf(clientId) {
    return this.#callsOf.get(clientId) ?? { api: 0, webhook: 0 };
  }

  webhookOf(clientId, sender) {
    return `${this.url}${WEBHOOK}?session=${encodeURIComponent(`${clientId} ${sender}`)}`;
  }

  answer(path, body, request, response) {
    if (path === '/v1.0/oauth2/accessToken')
      return { accessToken: TOKEN_PREFIX + body.appKey, expireIn: 7200 };
    if (path === WEBHOOK) return this.#text(body, new URL(request.url, this.url));
    if (!path.startsWith('/v1.0/card')) return super.answer(path, body);
    const clientId = request.headers['x-acs-dingtalk-access-token'].slice(TOKEN_PREFIX.length);
    if (this.#isTooFast(`${clientId} ${request.method} ${path}`)) {
      this.refused += 1;
      response.statusCode = 403;
      return TOO_FAST;
    }
    this.#count(clientId, 'api');
    if (path === CREATE) return this.#create(body, clientId);
    if (path === STREAM && body.isFinalize) this.#end(body.outTrackId, body.content);
    // A card whose stream was never opened ends with its variables (§6.6).
    if (path === UPDATE && body.cardData?.cardParamMap?.flowStatus === '3')
      this.#end(body.outTrackId, body.cardData.cardParamMap.msgContent);
    return { success: true, result: true };
  }

  #create({ outTrackId, openSpaceId }, clientId) {
    const spaceId = openSpaceId
      .slice(openSpaceId.indexOf('.', 5) + 1)
      .replace(/^.*IM_ROBOT\./u, '');
    // Those of one person are answered in order.
    const question = this.#of(`${clientId} ${spaceId}`).find((one) => one.createdMs === undefined);
    if (question && !this.#shown.has(outTrackId)) {
      question.createdMs = performance.now() - question.arrivedAt;
      this.#cards.set(outTrackId, question);
    } else if (!this.#shown.has(outTrackId)) this.surplus += 1;
    this.#shown.add(outTrackId);
    const delivered = { spaceType: 'IM_ROBOT', spaceId, success: true, carrierId: outTrackId };
    return { success: true, result: { outTrackId, deliverResults: [delivered] } };
  }

  #end(outTrackId, text) {
    const question = this.#cards.get(outTrackId);
    if (!question) return;
    this.#cards.delete(outTrackId);
    this.#over(question, { text });
  }

  #text({ markdown }, url) {
    const key = url.searchParams.get('session');
    this.#count(key.split(' ')[0], 'webhook');
    const [question] = this.#of(key);
    if (question) this.#over(question, { text: markdown.text });
    return { errcode: 0, errmsg: 'ok' };
  }

  #of(key) {
    return this.#waiting.get(key) ?? [];
  }

  #over(question, end) {
    const { key, arrivedAt, createdMs, resolve, giveUp } = question;
    clearTimeout(giveUp);
    const others = this.#of(key).filter((one) => one !== question);
    if (others.length > 0) this.#waiting.set(key, others);
    else this.#waiting.delete(key);
    resolve({ createdMs, finalMs: performance.now() - arrivedAt, ...end });
  }

  #count(clientId, kind) {
    if (kind === 'api') this.calls += 1;
    else this.webhooks += 1;
    const calls = this.callsOf(clientId);
    this.#callsOf.set(clientId, { ...calls, [kind]: calls[kind] + 1 });
  }

  #isTooFast(key) {
    if (this.#limit === Infinity) return false;
    const now = performance.now();
    const recent = (this.#recent.get(key) ?? []).filter((at) => now - at < 1_000);
    this.#recent.set(key, recent);
    if (recent.length >= this.#limit) return true;
    recent.push(now);
    return false;
  }
}
