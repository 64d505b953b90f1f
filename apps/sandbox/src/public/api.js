/** One call of the control API. @throws Error with the sandbox's own words */
export async function call(method, path, body) {
  const response = await fetch(`sandbox${path}`, {
    method,
    ...(body !== undefined && {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    }),
  });
  const text = await response.text();
  const value = text ? JSON.parse(text) : undefined;
  if (!response.ok) throw new Error(value?.message ?? String(response.status));
  return value;
}

/** Listens to what changes; `onLink(true|false)` tells whether the sandbox answers. */
export function follow(handlers, onLink) {
  const source = new EventSource('sandbox/stream');
  for (const [event, handle] of Object.entries(handlers)) {
    source.addEventListener(event, (message) => handle(JSON.parse(message.data)));
  }
  source.addEventListener('open', () => onLink(true));
  source.addEventListener('error', () => onLink(false));
}
