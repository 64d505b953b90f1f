import { call } from './api.js';
import { $, el } from './dom.js';
import { t } from './i18n.js';

/** The switches of the panel: one or more faults each. */
const SWITCHES = {
  template: [{ on: 'createAndDeliver', act: { error: 'templateNotExist' } }],
  deliver: [{ on: 'createAndDeliver', act: { deliverFalse: true } }],
  scope: [
    { on: 'createAndDeliver', act: { error: 'scope' } },
    { on: 'streaming', act: { error: 'scope' } },
  ],
  throttle: [{ on: 'streaming', every: 3, act: { error: 'qps' } }],
  final: [{ on: 'streaming', only: { isFinalize: true }, act: { error: 'unknownError' } }],
  webhook: [{ on: 'webhook', act: { error: 'sessionExpired' } }],
  quota: ['createAndDeliver', 'update', 'streaming', 'batchSend', 'groupSend'].map((on) => ({
    on,
    act: { error: 'quota' },
  })),
  fileCode: [{ on: 'download', act: { error: 'notDownloadable' } }],
  fileGone: [{ on: 'file', act: { status: 404 } }],
  fileSlow: [{ on: 'file', act: { delayMs: 5000 } }],
  fileHuge: [{ on: 'file', act: { sizeBytes: 209_715_200 } }],
  slow: [{ on: '*', act: { delayMs: 3000 } }],
  auth: [{ on: 'open', act: { error: 'authFailed' } }],
};
const idOf = (name, index) => `page-${name}-${index}`;

/** Shows which faults are on, also those that tests or others switched. */
export function showFaults(faults) {
  const on = new Set(faults.map(({ id }) => id));
  // A switch may stand for several faults; it counts once.
  const count = new Set(
    faults.map(({ id }) => (id.startsWith('page-') ? id.replace(/-\d+$/, '') : id)),
  ).size;
  $('fault-count').hidden = count === 0;
  $('fault-count').textContent = String(count);
  $('fault-list').replaceChildren(
    ...Object.keys(SWITCHES).map((name) => {
      const box = el('input', {
        type: 'checkbox',
        role: 'switch',
        onchange: (event) => turn(name, event.target.checked),
      });
      box.checked = on.has(idOf(name, 0));
      return el('label', { class: 'switch' }, box, el('span', {}, t('fault')[name]));
    }),
  );
}

async function turn(name, isOn) {
  for (const [index, fault] of SWITCHES[name].entries()) {
    const path = `/faults/${idOf(name, index)}`;
    if (isOn) await call('PUT', path, fault);
    else await call('DELETE', path).catch(() => undefined); // Already gone: that is what was wanted.
  }
}
