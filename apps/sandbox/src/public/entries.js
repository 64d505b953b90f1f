import { avatar, el } from './dom.js';
import { currentLanguage, t } from './i18n.js';
import { renderMarkdown } from './markdown.js';

const time = (at) =>
  new Intl.DateTimeFormat(currentLanguage() === 'zh' ? 'zh-CN' : 'en', {
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
  }).format(at);

/** One line of the chat. `me`: whose eyes; `onAction(entry, actionId, params)`: a click on a card. */
export function renderEntry(entry, me, onAction) {
  if (entry.kind === 'notice')
    return el('p', { class: 'notice' }, t('botNotConnected', entry.name));
  if (entry.kind === 'user') return userLine(entry, entry.userId === me);
  return botLine(entry, onAction);
}

function line({ id, name, at, isMine, isBot, tags, body }) {
  const head = el(
    'header',
    {},
    el('b', {}, isMine ? t('you') : name),
    ...tags,
    el('time', { datetime: new Date(at).toISOString() }, time(at)),
  );
  return el(
    'article',
    { class: `line${isMine ? ' mine' : ''}` },
    avatar(id, name, isBot),
    el('div', { class: 'said' }, head, ...body),
  );
}

function userLine(entry, isMine) {
  const mentions = entry.mentions.map(({ name }) => el('span', { class: 'mention' }, `@${name} `));
  const files = (entry.files ?? []).map(fileOf);
  // The icon that stands for the file is not needed beside the file itself.
  const words = files.length > 0 ? entry.text.replace(/[🖼️🎤🎬📄\uFE0F]/gu, '').trim() : entry.text;
  const isNamed = entry.files?.some(({ name }) => name === words);
  const bubble = el('div', { class: 'bubble plain' }, ...mentions, isNamed ? '' : words, ...files);
  const reactions = entry.reactions.map((name) => el('span', { class: 'reaction' }, name));
  const body =
    reactions.length > 0 ? [bubble, el('div', { class: 'reactions' }, ...reactions)] : [bubble];
  return line({
    id: entry.userId,
    name: entry.name,
    at: entry.at,
    isMine,
    isBot: false,
    tags: [],
    body,
  });
}

function fileOf({ downloadCode, name, isImage }) {
  const href = `sandbox/files/${encodeURIComponent(downloadCode)}`;
  const shown = isImage ? el('img', { src: href, alt: name, loading: 'lazy' }) : `📄 ${name}`;
  return el(
    'a',
    { href, target: '_blank', rel: 'noopener', class: isImage ? 'picture' : 'file' },
    shown,
  );
}

function botLine(entry, onAction) {
  const body = entry.kind === 'card' ? [cardOf(entry, onAction)] : [messageOf(entry)];
  if (entry.mentions.length > 0) {
    const names = entry.mentions.map(({ name }) => el('span', { class: 'mention' }, `@${name}`));
    body.push(el('p', { class: 'mentioned' }, `${t('mentioned')} `, ...names));
  }
  const way = { webhook: t('viaWebhook'), robot: t('viaRobot'), custom: t('viaCustom') }[entry.way];
  const tags = way ? [el('span', { class: 'tag' }, way)] : [];
  const id = entry.clientId ?? entry.name;
  return line({ id, name: entry.name, at: entry.at, isMine: false, isBot: true, tags, body });
}

function messageOf(entry) {
  if (entry.msgtype === 'text') return el('div', { class: 'bubble plain' }, entry.text);
  return el('div', { class: 'bubble markdown' }, renderMarkdown(entry.text));
}

function cardOf(entry, onAction) {
  const isOpen = entry.state === 'processing' || entry.state === 'inputting';
  const badge = el('span', { class: `badge ${entry.state}` }, t(entry.state));
  const text = el('div', { class: 'markdown' });
  if (entry.text) text.append(renderMarkdown(entry.text));
  else if (isOpen)
    text.append(el('span', { class: 'dots', 'aria-hidden': 'true' }, el('i'), el('i'), el('i')));
  else text.append(el('p', { class: 'hint' }, t('blank')));
  const foot = el('footer', {}, badge);
  const asks = isOpen && entry.hasActions ? questionOf(entry, onAction) : [];
  if (isOpen && entry.hasActions) {
    foot.append(
      el(
        'button',
        {
          type: 'button',
          class: 'small',
          onclick: () => onAction(entry, 'stop', { action: 'stop' }),
        },
        t('stop'),
      ),
    );
  }
  const buttons = (entry.buttons ?? []).map((button) => cardButton(entry, button, onAction));
  const row = buttons.length > 0 ? [el('div', { class: 'card-buttons' }, ...buttons)] : [];
  // A card that never runs has no state to show.
  if (!entry.isAiCard) return el('div', { class: 'bubble card' }, text, ...row);
  return el(
    'div',
    { class: `bubble card ${entry.state}`, 'aria-busy': isOpen && asks.length === 0 },
    text,
    ...asks,
    ...row,
    foot,
  );
}

/** What an own template shows by its variables while somebody is asked: yes and no, or choices and a line for words. */
function questionOf(entry, onAction) {
  const { carillonState: asked, carillonChoices: choices = '[]' } = entry.params ?? {};
  const button = (label, id, params) =>
    el(
      'button',
      { type: 'button', class: 'small', onclick: () => onAction(entry, id, params) },
      label,
    );
  if (asked === 'confirm') {
    const decide = (label, agree) => button(label, 'confirm', { agree });
    return [
      el('div', { class: 'asks' }, decide(t('agree'), 'true'), decide(t('decline'), 'false')),
    ];
  }
  if (asked !== 'form') return [];
  const offered = JSON.parse(choices).map((choice) => button(choice, 'answer', { value: choice }));
  const label = t('answer');
  const line = el('input', {
    type: 'text',
    name: 'answer',
    'aria-label': label,
    placeholder: label,
  });
  const onsubmit = (event) => {
    event.preventDefault();
    if (line.value.trim() !== '') onAction(entry, 'answer', { value: line.value });
  };
  const send = el('button', { type: 'submit', class: 'small' }, t('send'));
  return [el('div', { class: 'asks' }, ...offered, el('form', { onsubmit }, line, send))];
}

/** A button opens its link, or its click is pushed. */
function cardButton(entry, { id, text, color, url, params }, onAction) {
  const look = `small ${color === 'gray' ? '' : color === 'red' ? 'danger' : 'primary'}`.trim();
  if (url !== null)
    return el(
      'a',
      { class: `button ${look}`, href: url, target: '_blank', rel: 'noopener noreferrer' },
      text,
    );
  return el(
    'button',
    { type: 'button', class: look, onclick: () => onAction(entry, id, params) },
    text,
  );
}
