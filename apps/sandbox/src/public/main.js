import { call, follow } from './api.js';
import { $, avatar, el } from './dom.js';
import { renderEntry } from './entries.js';
import { showFaults } from './faults.js';
import { forgetFiles, hasFiles, hasOnlyPictures, messagesOf, wireFiles } from './files.js';
import { setLanguage, t, translatePage } from './i18n.js';

/** What the page knows. `chat`: `bot:<clientId>` or `group:<groupId>`. */
const state = {
  people: [],
  groups: [],
  apps: [],
  conversations: [],
  faults: [],
  violations: 0,
  me: localStorage.getItem('carillon-sandbox-me') ?? '',
  chat: localStorage.getItem('carillon-sandbox-chat') ?? '',
  entries: new Map(),
  mentioned: new Set(),
  unread: new Set(),
};

const appOf = (clientId) => state.apps.find((app) => app.clientId === clientId);
const [kindOf, idOf] = [(chat) => chat.split(':')[0], (chat) => chat.slice(chat.indexOf(':') + 1)];
const currentGroup = () =>
  kindOf(state.chat) === 'group' &&
  state.groups.find(({ groupId }) => groupId === idOf(state.chat));
const currentBots = () => {
  const group = currentGroup();
  const ids = group ? group.botIds : [idOf(state.chat)];
  return ids.map(appOf).filter(Boolean);
};

function conversationOf(chat) {
  const isGroup = kindOf(chat) === 'group';
  return state.conversations.find((one) =>
    isGroup ? one.groupId === idOf(chat) : one.clientId === idOf(chat) && one.userId === state.me,
  );
}

function chatOf(conversationId) {
  const one = state.conversations.find(({ id }) => id === conversationId);
  if (!one) return undefined;
  if (one.groupId) return `group:${one.groupId}`;
  return one.userId === state.me ? `bot:${one.clientId}` : undefined;
}

async function load() {
  const [directory, conversations, faults, violations] = await Promise.all(
    ['/state', '/conversations', '/faults', '/violations'].map((path) => call('GET', path)),
  );
  Object.assign(state, {
    people: directory.people,
    groups: directory.groups,
    apps: directory.apps,
  });
  Object.assign(state, { conversations, faults, violations: violations.length });
  if (!state.people.some(({ userId }) => userId === state.me))
    state.me = state.people[0]?.userId ?? '';
  const chats = [
    ...state.apps.map((app) => `bot:${app.clientId}`),
    ...state.groups.map((group) => `group:${group.groupId}`),
  ];
  if (!chats.includes(state.chat)) state.chat = chats[0] ?? '';
  await loadEntries();
  showAll();
}

async function loadEntries() {
  const conversation = conversationOf(state.chat);
  const entries = conversation
    ? await call('GET', `/conversations/${encodeURIComponent(conversation.id)}/messages`)
    : [];
  state.entries = new Map(entries.map((entry) => [entry.id, entry]));
}

function showAll() {
  translatePage();
  showPeople();
  showChats();
  showHead();
  showLog();
  showFaults(state.faults);
  showViolations();
}

function showPeople() {
  const tags = (person) =>
    [person.isAdmin && t('admin'), person.external && t('external')].filter(Boolean);
  $('me').replaceChildren(
    ...state.people.map((person) => {
      const more = tags(person).length > 0 ? ` (${tags(person).join(', ')})` : '';
      return el('option', { value: person.userId }, `${person.name}${more}`);
    }),
  );
  $('me').value = state.me;
}

function showChats() {
  const bots = state.apps.map((app) =>
    chatButton(
      `bot:${app.clientId}`,
      app.clientId,
      app.name,
      app.connections > 0 ? t('connected', 1) : t('notConnected'),
      app.connections > 0,
    ),
  );
  const groups = state.groups.map((group) =>
    chatButton(
      `group:${group.groupId}`,
      group.groupId,
      group.title,
      t('members', group.memberIds.length),
    ),
  );
  $('chats').replaceChildren(
    el('h3', {}, t('bots')),
    ...bots,
    el('h3', {}, t('groups')),
    ...groups,
  );
}

function chatButton(chat, id, name, status, isConnected) {
  const dot = isConnected === undefined ? '' : isConnected ? ' on' : ' off';
  return el(
    'button',
    {
      type: 'button',
      class: 'chat-item',
      'aria-current': chat === state.chat && 'true',
      onclick: () => openChat(chat),
    },
    avatar(id, name, kindOf(chat) === 'bot'),
    el(
      'span',
      { class: 'chat-item-text' },
      el('b', {}, name),
      el('small', { class: `status${dot}` }, status),
    ),
    state.unread.has(chat) ? el('span', { class: 'unread', title: '●' }) : undefined,
  );
}

function showHead() {
  const group = currentGroup();
  const app = appOf(idOf(state.chat));
  $('chat-name').textContent = group ? group.title : (app?.name ?? '');
  const bots = currentBots();
  const words = (bot) =>
    bot.connections > 0 ? t('connected', bot.connections) : t('notConnected');
  $('chat-status').replaceChildren(
    ...bots.map((bot) =>
      el(
        'span',
        { class: `status ${bot.connections > 0 ? 'on' : 'off'}` },
        group ? `${bot.name}: ${words(bot)}` : words(bot),
      ),
    ),
  );
  $('mentions').hidden = !group;
  $('mentions').replaceChildren(
    ...bots.map((bot) =>
      el(
        'button',
        {
          type: 'button',
          class: 'chip',
          'aria-pressed': String(state.mentioned.has(bot.clientId)),
          onclick: () => toggleMention(bot.clientId),
        },
        `@${bot.name}`,
      ),
    ),
  );
}

function toggleMention(clientId) {
  if (!state.mentioned.delete(clientId)) state.mentioned.add(clientId);
  showHead();
  $('composer-text').focus();
}

function showLog() {
  const nodes = [...state.entries.values()].map(lineOf);
  const name = appOf(idOf(state.chat))?.name ?? '';
  const hint = currentGroup() ? t('emptyGroup') : t('empty', name);
  $('log').replaceChildren(...(nodes.length > 0 ? nodes : [el('p', { class: 'empty' }, hint)]));
  $('log').scrollTop = $('log').scrollHeight;
}

function lineOf(entry) {
  const node = renderEntry(entry, state.me, clickCard);
  node.dataset.entry = entry.id;
  return node;
}

/** Adds or replaces one line and keeps the end in view for who reads the end. */
function showEntry(entry) {
  const log = $('log');
  const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  const old = log.querySelector(`[data-entry="${CSS.escape(entry.id)}"]`);
  if (entry.recalled) {
    state.entries.delete(entry.id);
    old?.remove();
    return;
  }
  log.querySelector('.empty')?.remove();
  state.entries.set(entry.id, entry);
  if (old) old.replaceWith(lineOf(entry));
  else log.append(lineOf(entry));
  if (isAtEnd || entry.userId === state.me) log.scrollTop = log.scrollHeight;
}

async function openChat(chat) {
  state.chat = chat;
  localStorage.setItem('carillon-sandbox-chat', chat);
  state.unread.delete(chat);
  const group = currentGroup();
  state.mentioned = new Set(group ? group.botIds.slice(0, 1) : []);
  toggleMenu(false);
  await loadEntries();
  showChats();
  showHead();
  showLog();
  $('composer-text').focus();
}

async function clickCard(entry, actionId, params) {
  const body = {
    outTrackId: entry.outTrackId,
    clientId: entry.clientId,
    userId: state.me,
    actionId,
    params,
  };
  const result = await call('POST', '/card-actions', body);
  toast(result.acked ? t('clicked') : t('notAcked'));
}

async function send() {
  const text = $('composer-text').value.trim();
  if (!text && !hasFiles()) return;
  const group = currentGroup();
  if (group && !hasOnlyPictures()) return toast(t('onlyPictures'));
  const bots = group ? [...state.mentioned] : [idOf(state.chat)];
  const place = group ? { groupId: group.groupId } : {};
  try {
    for (const message of await messagesOf(text)) {
      let msgId;
      for (const clientId of bots.length > 0 ? bots : [undefined]) {
        const body = { from: state.me, ...message, clientId, msgId, ...place };
        ({ msgId } = await call('POST', '/messages', body));
      }
    }
    forgetFiles();
    $('composer-text').value = '';
    fitComposer();
  } catch (error) {
    toast(`${t('sendFailed')}: ${error.message}`);
  }
}

function toast(words) {
  $('toast').textContent = words;
  $('toast').hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => ($('toast').hidden = true), 4000);
}

function showViolations() {
  $('violations').hidden = state.violations === 0;
  $('violations').textContent = t('violations', state.violations);
}

function fitComposer() {
  const field = $('composer-text');
  field.rows = Math.min(8, field.value.split('\n').length);
}

function toggleMenu(isOpen) {
  document.body.classList.toggle('menu-open', isOpen);
  $('menu').setAttribute('aria-expanded', String(isOpen));
  $('shade').hidden = !isOpen;
}

async function disturb(action, body) {
  const clientIds = currentBots().map(({ clientId }) => clientId);
  const connections = (await call('GET', '/connections')).filter(({ clientId }) =>
    clientIds.includes(clientId),
  );
  for (const { id } of connections)
    await call('POST', `/connections/${id}/${action}`, body).catch(() => undefined);
  toast(connections.length > 0 ? t('told', connections.length) : t('noConnections'));
}

let entryQueue = Promise.resolve();
/** Entries come in order; an unknown conversation is looked up first. */
function onEntry({ conversationId, entry }) {
  entryQueue = entryQueue.then(async () => {
    const isKnown = state.conversations.some(({ id }) => id === conversationId);
    if (!isKnown) state.conversations = await call('GET', '/conversations');
    const chat = chatOf(conversationId);
    if (chat === state.chat) return showEntry(entry);
    if (!chat || entry.kind === 'notice') return undefined;
    state.unread.add(chat);
    return showChats();
  }, toastError);
}

const toastError = (error) => toast(error.message);
const waitingCards = new Map();
/** Cards change often: at most once per picture. */
function onCard(card) {
  if (waitingCards.size === 0) requestAnimationFrame(showCards);
  waitingCards.set(`${card.clientId}\n${card.outTrackId}`, card);
}

function showCards() {
  for (const card of waitingCards.values()) {
    for (const entry of state.entries.values()) {
      if (
        entry.kind !== 'card' ||
        entry.outTrackId !== card.outTrackId ||
        entry.clientId !== card.clientId
      )
        continue;
      showEntry({ ...entry, params: card.params, text: card.text, state: card.state });
    }
  }
  waitingCards.clear();
}

function onConnections({ clientId, count }) {
  const app = appOf(clientId);
  if (app) app.connections = count;
  showChats();
  showHead();
}

function wire() {
  $('composer').addEventListener('submit', (event) => {
    event.preventDefault();
    void send();
  });
  $('composer-text').addEventListener('input', fitComposer);
  wireFiles(toast);
  $('composer-text').addEventListener('keydown', (event) => {
    // Enter also confirms a word of an input method: then it must not send.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229)
      return;
    event.preventDefault();
    void send();
  });
  $('me').addEventListener('change', async () => {
    state.me = $('me').value;
    localStorage.setItem('carillon-sandbox-me', state.me);
    state.unread.clear();
    await openChat(state.chat);
  });
  $('menu').addEventListener('click', () =>
    toggleMenu(!document.body.classList.contains('menu-open')),
  );
  $('shade').addEventListener('click', () => toggleMenu(false));
  document.addEventListener('keydown', (event) => event.key === 'Escape' && toggleMenu(false));
  $('announce').addEventListener('click', () => disturb('disconnect', {}));
  $('cut').addEventListener('click', () => disturb('reset'));
  $('reset').addEventListener('click', () => call('POST', '/reset'));
  for (const button of document.querySelectorAll('[data-lang]')) {
    button.addEventListener('click', () => {
      setLanguage(button.dataset.lang);
      showAll();
    });
  }
}

translatePage();
wire();
let wasAway = true;
follow(
  {
    entry: onEntry,
    card: onCard,
    connections: onConnections,
    state: load,
    reset: load,
    faults: (faults) => showFaults((state.faults = faults)),
    violation: () => {
      state.violations += 1;
      showViolations();
    },
  },
  (isThere) => {
    if (!isThere) toast(t('offline'));
    else if (wasAway) load().then(() => openChat(state.chat), toastError);
    wasAway = !isThere;
  },
);
