const STORED_AS = 'carillon-admin-key';
const TIMEOUT_MS = 20_000;

/** A call that did not succeed: `status` 0 when it is not known whether it arrived. */
export class Problem extends Error {
  constructor({ status, code, detail, errors }) {
    super(detail ?? code);
    this.status = status;
    this.code = code;
    this.errors = errors ?? [];
  }
}

/** The key lives as long as the tab. */
export const keeper = {
  get key() {
    return sessionStorage.getItem(STORED_AS);
  },
  keep: (key) => sessionStorage.setItem(STORED_AS, key),
  forget: () => sessionStorage.removeItem(STORED_AS),
};

/** One call of the REST API. @throws Problem */
export async function call(method, path, { body, idempotencyKey, key = keeper.key } = {}) {
  // No header could carry it, so it is no key either.
  if (!/^[\x21-\x7e]+$/.test(key ?? '')) throw new Problem({ status: 401, code: 'unauthorized' });
  const headers = { authorization: `Bearer ${key}` };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey;
  const sent = fetch(`api/v1${path}`, {
    method,
    headers,
    cache: 'no-store',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const { status, ok, value } = await sent.then(read).catch(() => {
    throw new Problem({ status: 0, code: 'unreachable' });
  });
  if (ok) return value;
  throw new Problem({ status, code: value?.code ?? 'unreadable', ...value });
}

async function read(response) {
  const text = await response.text();
  return { status: response.status, ok: response.ok, value: parsed(text) };
}

/** Something in between (a proxy) may answer in words of its own. */
function parsed(text) {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
