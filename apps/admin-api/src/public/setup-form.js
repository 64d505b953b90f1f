import { $, say } from './dom.js';
import { faultsOf, refusalsOf } from './field-errors.js';
import { currentLanguage, sentence, t } from './i18n.js';

const TEXTS = ['name', 'clientId', 'robotCode', 'baseUrl', 'upstreamModel', 'instructions'];
const CARD = ['templateId', 'contentKey'];
const SECRETS = ['clientSecret', 'apiKey'];
const FIELDS = [...TEXTS, ...CARD, ...SECRETS, 'locale'];

/** The fields of the form: what is in them, what is wrong with them. */
export class SetupForm {
  /** Sentences are made anew when the language changes. */
  #errors = new Map();
  #isSaved = false;
  #hasSavedModel = false;

  constructor() {
    $('setup').addEventListener('change', () => this.#showModelFields());
    $('setup').addEventListener('input', ({ target }) => this.#showError(target.id, undefined));
    $('locale').value = currentLanguage();
    this.#showModelFields();
  }

  read() {
    const answers = document.querySelector('input[name="answers"]:checked').value;
    const entries = FIELDS.map((field) => [field, $(field).value.trim()]);
    return { ...Object.fromEntries(entries), answers };
  }

  /** @returns whether it may be sent */
  check(input) {
    this.#clearErrors();
    const faults = faultsOf(input, this.#isSaved);
    this.#showErrors(faults.map(({ field, code }) => [field, () => t(code)]));
    return faults.length === 0;
  }

  refused(problem) {
    const { fields, rest } = refusalsOf(problem);
    this.#showErrors(fields.map((error) => [error.field, () => wordsOf(error)]));
    const others = rest.map(({ path, message }) => `${path}: ${message}`).join(' ');
    if (fields.length === 0 || others)
      this.#showError('setup', () => [failureOf(problem), others].filter(Boolean).join(' '));
  }

  /** What was stored leaves the page. */
  saved(input) {
    this.#isSaved = true;
    this.#hasSavedModel = input.answers === 'model';
    for (const field of SECRETS) $(field).value = '';
    this.translate();
  }

  /** Another bot, or the one that a channel is. */
  fill(channel) {
    $('setup').reset();
    this.#clearErrors();
    this.#isSaved = channel !== undefined;
    this.#hasSavedModel = false;
    $('choice-keep').hidden = !channel;
    $('locale').value = channel?.locale ?? currentLanguage();
    const answers = channel ? 'keep' : 'model';
    document.querySelector(`input[name="answers"][value="${answers}"]`).checked = true;
    for (const field of ['name', 'clientId', 'robotCode']) $(field).value = channel?.[field] ?? '';
    for (const field of CARD) $(field).value = channel?.card[field] ?? '';
    $('advanced').open = CARD.some((field) => $(field).value !== '');
    this.#showModelFields();
    this.translate();
  }

  busy(isBusy) {
    $('save').disabled = isBusy;
    $('setup').setAttribute('aria-busy', String(isBusy));
    this.#nameButton(isBusy);
  }

  translate() {
    $('clientSecret').placeholder = this.#isSaved ? t('saved') : '';
    $('apiKey').placeholder = this.#hasSavedModel ? t('saved') : 'sk-…';
    $('fresh').hidden = !this.#isSaved;
    this.#nameButton($('save').disabled);
    for (const [field, words] of this.#errors) this.#showError(field, words);
  }

  #nameButton(isBusy) {
    $('save').textContent = t(isBusy ? 'saving' : this.#isSaved ? 'change' : 'connect');
  }

  #showModelFields() {
    const { answers } = this.read();
    $('model-fields').hidden = answers !== 'model';
  }

  #showErrors(errors) {
    for (const [field, words] of errors) this.#showError(field, words);
    const [first] = errors;
    if (!first) return;
    this.#showError('setup', () => t('correct'));
    if (CARD.includes(first[0])) $('advanced').open = true;
    $(first[0]).focus();
  }

  #showError(field, words) {
    const place = $(`${field}-error`);
    if (!place) return;
    if (words) this.#errors.set(field, words);
    else this.#errors.delete(field);
    say(place, words?.());
    if (field !== 'setup') $(field).setAttribute('aria-invalid', String(words !== undefined));
  }

  #clearErrors() {
    for (const field of [...FIELDS, 'setup']) this.#showError(field, undefined);
  }
}

const wordsOf = ({ code, message }) =>
  code === undefined ? sentence(undefined, 'field', message) : t(`error_${code}`);

/** A failed call in a sentence. */
export const failureOf = ({ code, message }) =>
  t(`error_${code}`) ?? sentence(code, 'message', message);
