import { call } from './api.js';
import { $, el } from './dom.js';
import { t } from './i18n.js';

/** What the platform takes. */
const MAX_BYTES = 20 * 1024 * 1024;

/** Files that wait for the next message. */
let chosen = [];

/** Button, clipboard and drag: three ways to the same list. */
export function wireFiles(toast) {
  const add = (files) => {
    for (const file of files) {
      if (file.size > MAX_BYTES) toast(t('tooLarge', file.name));
      else chosen.push(file);
    }
    show();
  };
  $('attach').addEventListener('click', () => $('attach-input').click());
  $('attach-input').addEventListener('change', () => {
    add($('attach-input').files);
    $('attach-input').value = '';
  });
  $('composer-text').addEventListener('paste', (event) => {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    add(event.clipboardData.files);
  });
  $('composer').addEventListener('dragover', (event) => event.preventDefault());
  $('composer').addEventListener('drop', (event) => {
    event.preventDefault();
    add(event.dataTransfer.files);
  });
}

export const hasFiles = () => chosen.length > 0;

/**
 * The messages that words and files become, as the platform's clients send them: pictures go with the words as rich text,
 * everything else is a message of its own.
 */
export async function messagesOf(text) {
  const sent = await Promise.all(chosen.map(upload));
  const pictures = sent.filter(({ type }) => type === 'picture');
  const others = sent.filter(({ type }) => type !== 'picture');
  return [...withWords(text, pictures), ...others.map(messageOf)];
}

export const hasOnlyPictures = () => chosen.every(({ type }) => type.startsWith('image/'));

export function forgetFiles() {
  chosen = [];
  show();
}

function withWords(text, pictures) {
  if (pictures.length === 0) return text ? [{ text }] : [];
  const [only] = pictures;
  if (!text && pictures.length === 1) return [messageOf(only)];
  const items = pictures.map(({ downloadCode }) => ({ type: 'picture', downloadCode }));
  return [{ msgtype: 'richText', content: { richText: [...(text ? [{ text }] : []), ...items] } }];
}

function messageOf({ type, name, downloadCode }) {
  if (type === 'picture') return { msgtype: type, content: { downloadCode } };
  if (type === 'audio') return { msgtype: type, content: { downloadCode, duration: 4000 } };
  if (type === 'video')
    return { msgtype: type, content: { downloadCode, duration: 4000, videoType: 'mp4' } };
  return { msgtype: 'file', content: { fileName: name, downloadCode } };
}

async function upload(file) {
  const base64 = await base64Of(file);
  const contentType = file.type || 'application/octet-stream';
  const { downloadCode } = await call('POST', '/files', { name: file.name, contentType, base64 });
  const kind = contentType.split('/')[0];
  const type = { image: 'picture', audio: 'audio', video: 'video' }[kind] ?? 'file';
  return { type, name: file.name, downloadCode };
}

const base64Of = (file) =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(',')[1] ?? '');
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });

function show() {
  $('attached').hidden = chosen.length === 0;
  $('attached').replaceChildren(
    ...chosen.map((file) =>
      el(
        'span',
        { class: 'chip' },
        file.name,
        el(
          'button',
          { type: 'button', 'aria-label': t('remove', file.name), onclick: () => remove(file) },
          '×',
        ),
      ),
    ),
  );
}

function remove(file) {
  chosen = chosen.filter((one) => one !== file);
  show();
}
