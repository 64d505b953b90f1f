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
    userAction &&
      el(
        'p',
        { class: 'action' },
        el('b', {}, t('todo')),
        ' ',
        sentence(code, 'userAction', userAction),
      ),
  ];
}

export function checkItem({ name, ok, code, message, userAction }) {
  const words =
    ok && code === 'ok' ? sentence(name, 'check', message) : sentence(code, 'message', message);
  return el(
    'li',
    { class: ok ? 'check' : 'check failed' },
    el('span', { class: `badge ${ok ? 'ok' : 'bad'}` }, t(ok ? 'ok' : 'failed')),
    el(
      'div',
      {},
      el('b', {}, t(`check_${name}`) ?? name),
      ...saying({
        code: undefined,
        message: words,
        userAction: userAction && sentence(code, 'userAction', userAction),
      }),
    ),
  );
}

/** Puts the nodes there, unless they would look as before: what has not changed is not read out again. */
export function show(place, nodes) {
  const next = place.cloneNode(false);
  next.append(...nodes.filter((node) => node !== undefined && node !== null));
  if (!next.isEqualNode(place)) place.replaceChildren(...next.childNodes);
}
