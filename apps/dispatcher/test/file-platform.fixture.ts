import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';

export const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);

/** The platform as far as files go: codes become links, links become bytes. */
export class FilePlatform {
  readonly linked: Record<string, unknown>[] = [];
  readonly fetched: string[] = [];
  acts: Record<string, (response: ServerResponse) => void> = {};
  refusal: { status: number; body: object } | null = null;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<FilePlatform> {
    const server = createServer();
    const platform = new FilePlatform(server);
    server.on('request', (request, response) => {
      const path = String(request.url);
      if (path.startsWith('/files/')) return platform.serve(path.slice(7), response);
      return void textOf(request).then((body) => {
        if (path.includes('accessToken'))
          return response.end(JSON.stringify({ accessToken: 'token', expireIn: 7_200 }));
        const wish = JSON.parse(body) as Record<string, unknown>;
        platform.linked.push(wish);
        if (platform.refusal) {
          response.statusCode = platform.refusal.status;
          return response.end(JSON.stringify(platform.refusal.body));
        }
        const downloadUrl = `${platform.url}/files/${String(wish['downloadCode'])}`;
        return response.end(JSON.stringify({ downloadUrl }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return platform;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Cuts what hangs. Once more does no harm. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private serve(code: string, response: ServerResponse): void {
    this.fetched.push(code);
    const act = this.acts[code] ?? ((one: ServerResponse) => void one.end(PIXEL));
    act(response);
  }
}
