import { el } from './dom.js';
import { sentence, t } from './i18n.js';

const TONES = {
  connected: 'ok',
  degraded: 'warn',
  connecting: 'warn',
  disabled: 'off',
  disconnected: 'bad',
  bad_credentials: 'bad',
  misconfigured: 'bad',
};

/** The state as a coloured word; colour is never the only sign. */
export const badge = (status) =>
  el(
    'span',
    { class: `badge ${TONES[status?.state] ?? 'off'}` },
    t(`state_${status?.state ?? 'unknown'}`) ?? status.state,
  );

/** What is, and what to do about it. */
export function saying(status) {
  if (!status) return [el('p', { class: 'message' }, t('waiting'))];
  const { code, message, userAction } = status;
  return [
    el('p', { class: 'message' }, sentence(code, 'message', message)),
    userAction && todo(code, userAction),
  ];
}

export function checkItem({ name, ok, code, message, userAction }) {
  const [tone, word] = verdictOf(ok, code);
  const words =
    ok && code === 'ok' ? sentence(name, 'check', message) : sentence(code, 'message', message);
  return el(
    'li',
    { class: 'check' },
    el('span', { class: `badge ${tone}` }, t(word)),
    el(
      'div',
      {},
      el('b', {}, t(`check_${name}`) ?? name),
      el('p', { class: 'message' }, words),
      userAction && todo(code, userAction),
    ),
  );
}

function verdictOf(ok, code) {
  if (ok) return ['ok', 'ok'];
  return code === 'not_tried' ? ['off', 'notTried'] : ['bad', 'failed'];
}

const todo = (code, userAction) =>
  el('p', { class: 'action' }, el('b', {}, t('todo')), sentence(code, 'userAction', userAction));

/** Puts the nodes there, unless they would look as before: what has not changed is not read out again. */
export function show(place, nodes) {
  const next = place.cloneNode(false);
  next.append(...nodes.filter((node) => node !== undefined && node !== null));
  if (!next.isEqualNode(place)) place.replaceChildren(...next.childNodes);
}
