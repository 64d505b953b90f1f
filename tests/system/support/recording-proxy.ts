import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';

/** Stands between Carillon and the platform and remembers the secrets that the platform hands out. */
export class RecordingProxy {
  /** By kind: access tokens, tickets of connections, keys of session webhooks. */
  readonly secrets = {
    accessToken: new Set<string>(),
    ticket: new Set<string>(),
    session: new Set<string>(),
  };
  /** Where requests go to; set before the first one comes. */
  target = '';

  private constructor(private readonly server: Server) {}

  static async start(): Promise<RecordingProxy> {
    const server = createServer();
    const proxy = new RecordingProxy(server);
    server.on('request', (request, response) => {
      proxy.pass(request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const path = request.url ?? '/';
    const session = new URL(path, this.url).searchParams.get('session');
    if (session) this.secrets.session.add(session);
    const answer = await fetch(`${this.target}${path}`, {
      method: request.method ?? 'GET',
      headers: headersOf(request),
      ...(body.length > 0 && { body }),
    });
    const text = await answer.text();
    this.remember(text);
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(text);
  }

  private remember(text: string): void {
    for (const kind of ['accessToken', 'ticket'] as const) {
      const value = new RegExp(`"${kind}":"([^"]+)"`).exec(text)?.[1];
      if (value) this.secrets[kind].add(value);
    }
  }
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const passed = ['content-type', 'accept', 'x-acs-dingtalk-access-token'];
  return Object.fromEntries(
    passed.flatMap((name) => (headers[name] ? [[name, String(headers[name])]] : [])),
  );
}
