/** What people see of one bot message or card. */
export interface ChatEntry {
  readonly kind: 'user' | 'bot' | 'card' | 'notice';
  readonly id: string;
  readonly at: number;
  readonly clientId: string | null;
  readonly text: string;
  readonly way?: 'webhook' | 'robot' | 'custom';
  readonly msgtype?: string;
  readonly state?: 'processing' | 'inputting' | 'finished' | 'failed';
  readonly outTrackId?: string;
  /** Of a question: what bots attached to it. */
  readonly reactions?: readonly string[];
  readonly mentions: readonly { readonly id: string; readonly name: string }[];
}

export interface SandboxCard {
  readonly outTrackId: string;
  readonly clientId: string;
  readonly state: string;
  readonly isOpen: boolean;
  readonly params?: Readonly<Record<string, string>>;
  readonly finishedAt?: number | null;
  readonly text: string;
  readonly space: { readonly spaceType: string; readonly conversationId: string } | null;
  readonly frames: readonly {
    readonly at: number;
    readonly contentLength: number;
    readonly isFinalize: boolean;
    readonly applied: boolean;
  }[];
}

export interface SandboxMessage {
  readonly from: string;
  readonly clientId: string;
  readonly groupId?: string;
  readonly text?: string;
  readonly msgtype?: string;
  readonly content?: object;
  readonly overrides?: object;
  readonly msgId?: string;
  readonly copies?: number;
  readonly spread?: 'random' | 'each';
}

export interface SandboxDelivery {
  readonly key: string;
  readonly state: string;
  readonly pushes: readonly {
    readonly connectionId: string;
    readonly at: number;
    readonly ackedAt?: number;
    readonly ackCode?: number;
  }[];
}

export interface SandboxFault {
  readonly on: string;
  readonly clientId?: string;
  readonly times?: number;
  readonly every?: number;
  /** Only calls whose body has these values. */
  readonly only?: Readonly<Record<string, unknown>>;
  readonly act: object;
}

/** The control API of the sandbox, typed as far as the specs need it. */
export class SandboxClient {
  constructor(readonly url: string) {}

  putApp(clientId: string, app: object): Promise<unknown> {
    return this.call('PUT', `/apps/${clientId}`, app);
  }

  putPerson(person: { userId: string; name: string; external?: boolean }): Promise<unknown> {
    return this.call('POST', '/people', person);
  }

  putGroup(group: { groupId: string; title: string; memberIds: string[] }): Promise<unknown> {
    return this.call('POST', '/groups', group);
  }

  post(message: SandboxMessage): Promise<{ msgId: string; conversationId: string }> {
    return this.call('POST', '/messages', message);
  }

  entries(conversationId: string): Promise<ChatEntry[]> {
    return this.call('GET', `/conversations/${encodeURIComponent(conversationId)}/messages`);
  }

  cards(query = ''): Promise<SandboxCard[]> {
    return this.call('GET', `/cards?${query}`);
  }

  /** Cards that somebody sees and that still spin. */
  async openCards(query = ''): Promise<SandboxCard[]> {
    return (await this.cards(`open=true&${query}`)).filter(({ space }) => space !== null);
  }

  calls(query = ''): Promise<{ name: string; status: number; clientId: string | null }[]> {
    return this.call('GET', `/calls?${query}`);
  }

  violations(): Promise<{ kind: string; detail: unknown }[]> {
    return this.call('GET', '/violations');
  }

  connections(clientId: string): Promise<{ id: string }[]> {
    return this.call('GET', `/connections?clientId=${clientId}`);
  }

  deliveries(clientId: string): Promise<SandboxDelivery[]> {
    return this.call('GET', `/deliveries?clientId=${clientId}`);
  }

  /** Bytes as they are, on one of the app's sockets. */
  frame(clientId: string, frame: { raw: string } | { base64: string }): Promise<unknown> {
    return this.call('POST', '/frames', { clientId, ...frame });
  }

  fault(id: string, fault: SandboxFault): Promise<unknown> {
    return this.call('PUT', `/faults/${id}`, fault);
  }

  clearFaults(): Promise<unknown> {
    return this.call('DELETE', '/faults');
  }

  settings(patch: object): Promise<unknown> {
    return this.call('PATCH', '/settings', patch);
  }

  async call<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await fetch(`${this.url}/sandbox${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }
}
