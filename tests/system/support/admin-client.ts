import { eventually } from './eventually';

export interface Row {
  readonly id: string;
  readonly [field: string]: unknown;
}

export interface ChannelStatus {
  readonly allowance?: Readonly<Record<string, unknown>>;
  readonly state: string;
  readonly code: string;
  readonly message: string;
  readonly userAction: string | null;
  readonly connections: readonly { readonly gatewayId: string }[];
}

export interface Turn {
  readonly id: string;
  readonly state: string;
  readonly outcome: string | null;
  readonly attempt: number;
  readonly sessionId: string;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly delivery: { readonly state: string; readonly way: string | null } | null;
}

/** The REST API as an administrator uses it. */
export class AdminClient {
  constructor(
    private readonly baseUrl: () => string,
    private readonly key: () => string,
  ) {}

  create(path: string, body: object): Promise<Row> {
    return this.call('POST', path, body);
  }

  change(path: string, body: object): Promise<Row> {
    return this.call('PATCH', path, body);
  }

  remove(path: string): Promise<unknown> {
    return this.call('DELETE', path);
  }

  status(channelId: string): Promise<ChannelStatus> {
    return this.call('GET', `/channels/${channelId}/status`);
  }

  untilState(channelId: string, state: string, withinMs?: number): Promise<ChannelStatus> {
    const ask = async () => {
      const status = await this.status(channelId);
      if (status.state !== state) throw new Error(`it is ${status.state} (${status.code})`);
      return status;
    };
    return eventually(`channel is ${state}`, ask, withinMs);
  }

  async turns(query: string): Promise<Turn[]> {
    return (await this.call<{ items: Turn[] }>('GET', `/turns?limit=200&${query}`)).items;
  }

  turnsOf(msgId: string): Promise<Turn[]> {
    return this.turns(`platformMessageId=${encodeURIComponent(msgId)}`);
  }

  async call<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await this.raw(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return (answer.text === '' ? undefined : JSON.parse(answer.text)) as T;
  }

  /** Whatever it answers, as it is. */
  async raw(
    method: string,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ status: number; text: string }> {
    const answer = await fetch(`${this.baseUrl()}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.key()}`,
        'x-tenant-id': 'default',
        ...headers,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    return { status: answer.status, text: await answer.text() };
  }
}
