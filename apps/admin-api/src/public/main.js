import { call, keeper } from './api.js';
import { ChannelList } from './channel-list.js';
import { $, say } from './dom.js';
import { chooseLanguage, t, translatePage } from './i18n.js';
import { ResultPanel } from './result-panel.js';
import { SetUp } from './set-up.js';
import { failureOf, SetupForm } from './setup-form.js';

const form = new SetupForm();
const result = new ResultPanel();
const channels = new ChannelList(edit);
let setUp = new SetUp(call);
/** Meanwhile the form stays what it is. */
let isSaving = false;
/** Why the key is not accepted, as a sentence in the language of the moment. */
let keyFault = () => undefined;

function translate() {
  translatePage();
  form.translate();
  result.render();
  channels.render();
  say($('key-error'), keyFault());
}

/** With a key that is accepted the rest of the page appears. */
function showWork(isOpen) {
  $('key-entry').hidden = isOpen;
  $('key-known').hidden = !isOpen;
  $('setup').hidden = !isOpen;
  $('channels').hidden = !isOpen;
}

async function useKey(key) {
  $('key-use').disabled = true;
  try {
    await call('GET', '/channels?limit=1', { key });
    keeper.keep(key);
    $('key').value = '';
    keyFault = () => undefined;
    showWork(true);
    channels.refresh();
  } catch (problem) {
    if (problem.status === 401) keeper.forget();
    keyFault = () => failureOf(problem);
  }
  $('key-use').disabled = false;
  say($('key-error'), keyFault());
}

function forgetKey() {
  if (isSaving) return;
  keeper.forget();
  startOver();
  channels.stop();
  showWork(false);
  $('key').focus();
}

function startOver() {
  setUp = new SetUp(call);
  form.fill(undefined);
  result.leave();
}

function edit(channel) {
  if (isSaving) return;
  setUp = new SetUp(call);
  setUp.adopt(channel.id);
  form.fill(channel);
  result.follow(channel);
  $('name').focus();
}

/** The button is locked meanwhile, and Enter in a field is no way around it. */
async function save() {
  const input = form.read();
  if (isSaving || !form.check(input)) return;
  isSaving = true;
  form.busy(true);
  try {
    const id = await setUp.run(input);
    form.saved(input);
    result.follow({ id, name: input.name });
    $('result').scrollIntoView({ block: 'nearest' });
    channels.refresh();
  } catch (problem) {
    form.refused(problem);
  }
  isSaving = false;
  form.busy(false);
}

$('key-form').addEventListener('submit', (event) => {
  event.preventDefault();
  const key = $('key').value.trim() || keeper.key;
  if (key) return void useKey(key);
  keyFault = () => t('keyMissing');
  say($('key-error'), keyFault());
});
$('key-forget').addEventListener('click', forgetKey);
$('setup').addEventListener('submit', (event) => {
  event.preventDefault();
  void save();
});
$('fresh').addEventListener('click', () => {
  if (isSaving) return;
  startOver();
  $('name').focus();
});
for (const button of document.querySelectorAll('[data-lang]'))
  button.addEventListener('click', () => {
    chooseLanguage(button.dataset.lang);
    translate();
  });

translate();
if (keeper.key) void useKey(keeper.key);
