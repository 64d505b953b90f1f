// The platform with cards: takes every call at once and notes when a question got its card and its last frame.
import { randomUUID } from 'node:crypto';
import { FakePlatform } from './fake-platform.mjs';

const CREATE = '/v1.0/card/instances/createAndDeliver';
const UPDATE = '/v1.0/card/instances';
const STREAM = '/v1.0/card/streaming';

export class CardPlatform extends FakePlatform {
  calls = 0;
  #cards = new Map();
  #waiting = new Map();

  /**
   * Asks and resolves when the answer is final: `{createdMs, finalMs, text}`, counted from `arrivedAt`, when the question was due.
   * One question per bot and sender at a time.
   */
  question(clientId, sender, { text, arrivedAt = performance.now() } = {}) {
    const key = `${clientId} ${sender}`;
    return new Promise((resolve) => {
      this.#waiting.set(key, { arrivedAt, createdMs: undefined, resolve });
      void this.ask(clientId, randomUUID(), sender, text);
    });
  }

  /** How many questions have no answer yet. */
  get open() {
    return this.#waiting.size;
  }

  answer(path, body, request) {
    if (path === '/v1.0/oauth2/accessToken')
      return { accessToken: `token of ${body.appKey}`, expireIn: 7200 };
    if (!path.startsWith('/v1.0/card')) return super.answer(path, body);
    this.calls += 1;
    if (path === CREATE) return this.#create(body, request.headers);
    if (path === STREAM && body.isFinalize) this.#end(body.outTrackId, body.content);
    // A card whose stream was never opened ends with its variables (§6.6).
    if (path === UPDATE && body.cardData?.cardParamMap?.flowStatus === '3')
      this.#end(body.outTrackId, body.cardData.cardParamMap.msgContent);
    return { success: true, result: true };
  }

  #create({ outTrackId, openSpaceId }, { 'x-acs-dingtalk-access-token': token }) {
    const spaceId = openSpaceId
      .slice(openSpaceId.indexOf('.', 5) + 1)
      .replace(/^.*IM_ROBOT\./u, '');
    const question = this.#waiting.get(`${token.slice('token of '.length)} ${spaceId}`);
    if (question) {
      question.createdMs ??= performance.now() - question.arrivedAt;
      this.#cards.set(outTrackId, question);
    }
    const delivered = { spaceType: 'IM_ROBOT', spaceId, success: true, carrierId: outTrackId };
    return { success: true, result: { outTrackId, deliverResults: [delivered] } };
  }

  #end(outTrackId, text) {
    const question = this.#cards.get(outTrackId);
    if (!question) return;
    this.#cards.delete(outTrackId);
    for (const [key, value] of this.#waiting) if (value === question) this.#waiting.delete(key);
    const { arrivedAt, createdMs, resolve } = question;
    resolve({ createdMs, finalMs: performance.now() - arrivedAt, text });
  }
}
