import { inChinese } from './sentences-zh.js';
import { words } from './words.js';

const STORED_AS = 'carillon-language';

/** The choice is kept; first comes the browser's. */
let language = localStorage.getItem(STORED_AS) ?? (/^zh\b/i.test(navigator.language) ? 'zh' : 'en');

export const currentLanguage = () => language;

/** A text of the page; some take values. */
export function t(key, ...values) {
  const word = words[language][key];
  return typeof word === 'function' ? word(...values) : word;
}

/** A sentence of the service, known by its code: English as it came, Chinese where we have one. */
export const sentence = (code, part, english) =>
  (language === 'zh' && inChinese(code, part, english)) || english;

/** Writes every marked text of the page. */
export function translatePage() {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  document.title = t('title');
  for (const node of document.querySelectorAll('[data-i18n]'))
    node.textContent = t(node.dataset.i18n);
  for (const node of document.querySelectorAll('[data-i18n-label]'))
    node.setAttribute('aria-label', t(node.dataset.i18nLabel));
  for (const node of document.querySelectorAll('[data-i18n-placeholder]'))
    node.placeholder = t(node.dataset.i18nPlaceholder);
  for (const node of document.querySelectorAll('[data-lang]'))
    node.setAttribute('aria-pressed', String(node.dataset.lang === language));
}

export function chooseLanguage(chosen) {
  language = chosen;
  localStorage.setItem(STORED_AS, chosen);
}
