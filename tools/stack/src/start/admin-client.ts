/** The REST API said no; its stable code and its sentence. */
export class AdminApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
  ) {
    super(`${code}: ${detail}`);
  }
}

export type Row = Readonly<Record<string, unknown>> & { readonly id: string };

const timeoutMs = 10_000;

/** As much of the REST API as setting up the demo needs. */
export class AdminClient {
  constructor(
    private readonly baseUrl: string,
    private readonly key: string,
  ) {}

  /** The first one that fits, over all pages. */
  async find(path: string, fits: (row: Row) => boolean): Promise<Row | undefined> {
    let cursor: string | undefined;
    do {
      const query = new URLSearchParams({ limit: '200', ...(cursor ? { cursor } : {}) });
      const page = (await this.call('GET', `${path}?${query}`)) as {
        items: Row[];
        nextCursor?: string | null;
      };
      const found = page.items.find(fits);
      if (found) return found;
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    return undefined;
  }

  async get(path: string): Promise<Readonly<Record<string, unknown>>> {
    return (await this.call('GET', path)) as Record<string, unknown>;
  }

  async create(path: string, body: object): Promise<Row> {
    return (await this.call('POST', path, body)) as Row;
  }

  async change(path: string, body: object): Promise<Row> {
    return (await this.call('PATCH', path, body)) as Row;
  }

  private async call(method: string, path: string, body?: object): Promise<unknown> {
    const answer = await fetch(`${this.baseUrl}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.key}`,
        'x-tenant-id': 'default',
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await answer.text();
    if (answer.ok) return text === '' ? undefined : JSON.parse(text);
    throw problemOf(answer.status, text, `${method} ${path}`);
  }
}

function problemOf(status: number, text: string, what: string): AdminApiError {
  try {
    const problem = JSON.parse(text) as Record<string, unknown>;
    const detail = String(problem['detail'] ?? problem['title'] ?? '');
    const errors = problem['errors'] ? ` ${JSON.stringify(problem['errors'])}` : '';
    return new AdminApiError(
      status,
      String(problem['code'] ?? status),
      `${detail}${errors} (${what})`,
    );
  } catch {
    return new AdminApiError(status, String(status), `${text.slice(0, 200)} (${what})`);
  }
}
