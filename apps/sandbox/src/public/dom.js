/** A new element: properties first, then children; text is always text. */
const LISTENERS = new Set(['onclick', 'onchange', 'onsubmit']);

export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === false) continue;
    if (LISTENERS.has(name)) node[name] = value;
    else if (name === 'class') node.className = value;
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(...children.filter((child) => child !== undefined && child !== null));
  return node;
}

/** A stable colour class and the first character of the name. */
export function avatar(id, name, isBot = false) {
  let sum = 0;
  for (const char of id) sum = (sum * 31 + char.codePointAt(0)) % 997;
  const letter = [...name.trim()][0]?.toUpperCase() ?? '?';
  return el(
    'span',
    { class: `avatar tone-${sum % 6}${isBot ? ' bot' : ''}`, 'aria-hidden': 'true' },
    letter,
  );
}

export const $ = (id) => document.getElementById(id);
