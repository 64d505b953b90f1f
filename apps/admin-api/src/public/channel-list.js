import { call } from './api.js';
import { $, el, say } from './dom.js';
import { t } from './i18n.js';
import { failureOf } from './setup-form.js';
import { badge, saying, show } from './status-view.js';

const POLL_MS = 3_000;
const PAGE = 50;
/** Asked at the same time; browsers open six connections. */
const AT_ONCE = 4;

/** Every channel with its live status and what can be done with it. */
export class ChannelList {
  #rows = new Map();
  #pages = 1;
  #problem;
  #round = 0;
  #timer;

  /** @param onEdit told which channel shall be changed */
  constructor(onEdit) {
    this.onEdit = onEdit;
    $('more').addEventListener('click', () => {
      this.#pages += 1;
      this.refresh();
    });
    document.addEventListener('visibilitychange', () => {
      if (this.#round > 0 && !document.hidden) this.refresh();
    });
  }

  /** Asks now, and from then on again and again. */
  refresh() {
    void this.#look(++this.#round);
  }

  stop() {
    this.#round = 0;
    clearTimeout(this.#timer);
    this.#rows.clear();
    $('channel-list').replaceChildren();
  }

  render() {
    for (const row of this.#rows.values()) this.#renderRow(row);
    say($('channels-error'), this.#problem && failureOf(this.#problem));
  }

  async #look(round) {
    clearTimeout(this.#timer);
    try {
      await this.#list(round);
      await this.#askAll(round);
      if (round === this.#round) this.#problem = undefined;
    } catch (problem) {
      if (round === this.#round) this.#problem = problem;
    }
    if (round !== this.#round) return;
    this.render();
    this.#timer = setTimeout(() => !document.hidden && this.refresh(), POLL_MS);
  }

  async #list(round) {
    const items = [];
    let cursor = null;
    for (let page = 0; page < this.#pages && (page === 0 || cursor); page += 1) {
      const after = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
      const answer = await call('GET', `/channels?limit=${PAGE}${after}`);
      items.push(...answer.items);
      cursor = answer.nextCursor;
    }
    if (round !== this.#round) return;
    $('more').hidden = !cursor;
    $('channels-empty').hidden = items.length > 0;
    this.#keepOnly(new Set(items.map(({ id }) => id)));
    for (const channel of items) {
      const row = this.#rows.get(channel.id) ?? this.#addRow(channel.id);
      row.channel = channel;
      this.#renderRow(row);
    }
  }

  async #askAll(round) {
    const waiting = [...this.#rows.values()];
    const ask = async () => {
      for (let row = waiting.pop(); row && round === this.#round; row = waiting.pop()) {
        row.status = await call('GET', `/channels/${row.channel.id}/status`);
        this.#renderRow(row);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, ask));
  }

  #keepOnly(ids) {
    for (const [id, { node }] of this.#rows) {
      if (ids.has(id)) continue;
      node.remove();
      this.#rows.delete(id);
    }
  }

  /** The buttons stay the same nodes, so that the focus is not lost while statuses come in. */
  #addRow(id) {
    const row = {
      what: el('div', { class: 'what' }),
      error: el('p', { class: 'error', role: 'alert', hidden: true }),
    };
    const act = (action) => el('button', { type: 'button', onclick: () => void action(row) });
    row.edit = act(() => this.onEdit(row.channel));
    row.toggle = act(() => this.#operate(row, row.channel.enabled ? 'disable' : 'enable'));
    row.restart = act(() => this.#operate(row, 'restart'));
    const buttons = el('div', { class: 'buttons' }, row.edit, row.toggle, row.restart);
    row.node = el('li', { class: 'channel', 'data-channel': id }, row.what, buttons, row.error);
    this.#rows.set(id, row);
    $('channel-list').append(row.node);
    return row;
  }

  #renderRow(row) {
    const { channel, status } = row;
    const title = el(
      'p',
      { class: 'title' },
      el('b', {}, channel.name),
      badge(status),
      el('code', {}, channel.clientId),
    );
    show(row.what, [title, ...saying(status)]);
    name(row.edit, 'edit', channel);
    name(row.toggle, channel.enabled ? 'disable' : 'enable', channel);
    name(row.restart, 'restart', channel);
    row.restart.disabled = !channel.enabled || row.isBusy === true;
    row.toggle.disabled = row.isBusy === true;
    say(row.error, row.problem && failureOf(row.problem));
  }

  async #operate(row, action) {
    row.isBusy = true;
    row.problem = undefined;
    this.#renderRow(row);
    try {
      row.status = await call('POST', `/channels/${row.channel.id}/${action}`);
      if (action !== 'restart') row.channel = { ...row.channel, enabled: action === 'enable' };
    } catch (problem) {
      row.problem = problem;
    }
    row.isBusy = false;
    this.#renderRow(row);
    this.refresh();
  }
}

function name(button, action, channel) {
  const label = t('of', t(action), channel.name);
  if (button.getAttribute('aria-label') === label) return;
  button.setAttribute('aria-label', label);
  button.textContent = t(action);
}
