import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The few calls of S3 that an object store needs, over its wire format; keeps everything in memory. */
export class S3Server {
  readonly signatures: string[] = [];
  private readonly objects = new Map<string, Buffer>();
  private readonly uploads = new Map<string, Map<number, Buffer>>();
  private readonly server: Server;
  private uploadCount = 0;

  private constructor() {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  static async start(): Promise<S3Server> {
    const server = new S3Server();
    await new Promise<void>((resolve) => server.server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.signatures.push(String(request.headers.authorization));
    const url = new URL(request.url ?? '/', this.url);
    const body = await bodyOf(request);
    const part = Number(url.searchParams.get('partNumber'));
    const parts = this.uploads.get(url.searchParams.get('uploadId') ?? '');
    if (request.method === 'POST' && url.searchParams.has('uploads')) {
      const id = String((this.uploadCount += 1));
      this.uploads.set(id, new Map());
      return xml(
        response,
        200,
        `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
      );
    }
    if (request.method === 'PUT') {
      if (parts) parts.set(part, body);
      else this.objects.set(url.pathname, body);
      return void response.writeHead(200, { etag: '"e"' }).end();
    }
    if (request.method === 'POST' && parts) {
      const whole = [...parts].sort(([a], [b]) => a - b).map(([, bytes]) => bytes);
      this.objects.set(url.pathname, Buffer.concat(whole));
      return xml(
        response,
        200,
        '<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>',
      );
    }
    if (request.method === 'DELETE') {
      if (!parts) this.objects.delete(url.pathname);
      return void response.writeHead(204).end();
    }
    const found = this.objects.get(url.pathname);
    if (!found)
      return xml(response, 404, '<Error><Code>NoSuchKey</Code><Message>no</Message></Error>');
    response.writeHead(200, { 'content-length': found.length }).end(found);
  }
}

const xml = (response: ServerResponse, status: number, body: string): void =>
  void response.writeHead(status, { 'content-type': 'application/xml' }).end(body);

/** Without the frames of `aws-chunked`, if it comes in them. */
async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
