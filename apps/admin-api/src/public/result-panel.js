import { call } from './api.js';
import { $, el, say } from './dom.js';
import { t } from './i18n.js';
import { failureOf } from './setup-form.js';
import { badge, checkItem, saying, show } from './status-view.js';

const POLL_MS = 1_000;

/** The channel that was saved: its connection as it is now, and the test. */
export class ResultPanel {
  #channel;
  #status;
  #problem;
  #checks = [];
  #isTesting = false;
  #timer;

  constructor() {
    $('test').addEventListener('click', () => void this.#test());
  }

  follow(channel) {
    this.leave();
    this.#channel = channel;
    this.render();
    void this.#poll(channel);
  }

  leave() {
    clearTimeout(this.#timer);
    this.#channel = this.#status = this.#problem = undefined;
    this.#checks = [];
    this.render();
  }

  render() {
    const status = this.#status;
    $('result').hidden = !this.#channel;
    const isUp = status?.state === 'connected' || status?.state === 'degraded';
    const failure = this.#problem && failureOf(this.#problem);
    const words = failure ? [] : saying(status);
    const title = el(
      'p',
      { class: 'title' },
      el('b', {}, this.#channel?.name ?? ''),
      badge(failure ? undefined : status),
    );
    show($('result-status'), [title, failure && el('p', { class: 'message' }, failure), ...words]);
    say($('result-next'), isUp ? t('writeNow', this.#channel.name) : '');
    $('test').disabled = this.#isTesting;
    $('test').textContent = t(this.#isTesting ? 'testing' : 'test');
    show($('checks'), this.#checks.map(checkItem));
  }

  async #poll(channel) {
    const answer = await call('GET', `/channels/${channel.id}/status`).catch((problem) => {
      return { problem };
    });
    if (this.#channel !== channel) return;
    this.#problem = answer.problem;
    if (!answer.problem) this.#status = answer;
    this.render();
    this.#timer = setTimeout(() => void this.#poll(channel), POLL_MS);
  }

  async #test() {
    const channel = this.#channel;
    this.#isTesting = true;
    this.#checks = [];
    say($('test-error'), '');
    this.render();
    try {
      const { checks } = await call('POST', `/channels/${channel.id}/test`);
      if (this.#channel === channel) this.#checks = checks;
    } catch (problem) {
      say($('test-error'), failureOf(problem));
    } finally {
      this.#isTesting = false;
      this.render();
    }
  }
}
