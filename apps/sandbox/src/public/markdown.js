import DOMPurify from './vendor/purify.js';
import hljs from './vendor/highlight.js';
import { Marked } from './vendor/marked.js';

const escape = (text) =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);

const marked = new Marked({
  gfm: true,
  renderer: {
    code({ text, lang }) {
      const name = (lang ?? '').trim().split(/\s+/)[0];
      const known = name && hljs.getLanguage(name);
      const html = known
        ? hljs.highlight(text, { language: name, ignoreIllegals: true }).value
        : escape(text);
      return `<pre><code class="hljs" data-language="${escape(name)}">${html}</code></pre>`;
    },
  },
});

DOMPurify.addHook('afterSanitizeAttributes', (node) => {
  // A media id stands for what an app uploaded.
  const source = node.tagName === 'IMG' ? (node.getAttribute('src') ?? '') : '';
  if (/^[@$]/.test(source)) node.setAttribute('src', `/media/${encodeURIComponent(source)}`);
  if (node.tagName !== 'A' || !node.hasAttribute('href')) return;
  node.setAttribute('target', '_blank');
  node.setAttribute('rel', 'noopener noreferrer');
});

/** Markdown of a bot as safe nodes: what bots write is foreign text. */
export function renderMarkdown(markdown) {
  return DOMPurify.sanitize(marked.parse(markdown), {
    RETURN_DOM_FRAGMENT: true,
    FORBID_TAGS: [
      'style',
      'form',
      'input',
      'button',
      'textarea',
      'select',
      'iframe',
      'svg',
      'math',
      'video',
      'audio',
    ],
    FORBID_ATTR: ['style', 'id', 'name'],
  });
}
