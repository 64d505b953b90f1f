/** A new element: properties first, then children; text is always text. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === false) continue;
    if (name === 'onclick') node.addEventListener('click', value);
    else if (name === 'class') node.className = value;
    else node.setAttribute(name, value === true ? '' : String(value));
  }
  node.append(...children.filter((child) => child !== undefined && child !== null));
  return node;
}

export const $ = (id) => document.getElementById(id);

/** Shows the sentence, or hides the place where it would be. */
export function say(node, sentence) {
  const text = sentence ?? '';
  // Unchanged text is left alone: writing it again would be read out again.
  if (node.textContent !== text) node.textContent = text;
  node.hidden = text === '';
}
