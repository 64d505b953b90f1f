import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Secret } from '@common/config';
import { OutboundGuard } from '@common/outbound';

import { DingTalkClient, type DingTalkClientOptions } from '../dingtalk-client';
import type { AppCredentials } from './app-credentials';

export interface SeenCall {
  readonly method: string;
  readonly path: string;
  readonly token: string | undefined;
  readonly body: Record<string, unknown>;
}
type Answer = (response: ServerResponse, call: SeenCall) => void;

const TOKEN_PATH = '/v1.0/oauth2/accessToken';

/** An API host that answers as it is told; tokens are right unless told otherwise. */
export class FakeApi {
  readonly calls: SeenCall[] = [];
  readonly tokenCalls: SeenCall[] = [];
  answerToken: Answer | null = null;
  /** The next answers, in order; afterwards `fallback`. */
  answers: Answer[] = [];
  fallback: Answer = json(200, { success: true });
  url = '';
  private client: DingTalkClient | null = null;
  private readonly server: Server = createServer((request, response) =>
    this.take(request, response),
  );

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return this;
  }

  /** A client of this host; the last one made is closed with the host. */
  aClient(options: Partial<DingTalkClientOptions> = {}): DingTalkClient {
    const guard = new OutboundGuard({ allowedHosts: [this.url] });
    this.client = new DingTalkClient({ apiUrl: this.url, guard, ...options });
    return this.client;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await this.client?.close();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private take(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const token = request.headers['x-acs-dingtalk-access-token'] as string | undefined;
      const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
      const call = { method: request.method ?? '', path: request.url ?? '', token, body };
      if (call.path === TOKEN_PATH) return this.giveToken(response, call);
      this.calls.push(call);
      (this.answers.shift() ?? this.fallback)(response, call);
    });
  }

  private giveToken(response: ServerResponse, call: SeenCall): void {
    this.tokenCalls.push(call);
    if (this.answerToken) return this.answerToken(response, call);
    json(200, { accessToken: `token-${this.tokenCalls.length}`, expireIn: 7200 })(response);
  }
}

export const anApp = (clientId = 'ding1', secret = 's3cret'): AppCredentials => ({
  clientId,
  clientSecret: new Secret(secret),
});

export const json = (status: number, body: unknown) => raw(status, JSON.stringify(body));
export const raw =
  (status: number, body: string) =>
  (response: ServerResponse): void => {
    response.writeHead(status, { 'content-type': 'text/plain' }).end(body);
  };
export const reset = (response: ServerResponse): void => void response.socket?.resetAndDestroy();
export const hang = (): void => undefined;
export const invalidToken = json(400, {
  code: 'InvalidAuthentication',
  requestid: '6B0A',
  message: '不合法的access_token',
});

/** What a promise rejects with; fails when it does not. */
export async function failureOf<E = Error & Record<string, unknown>>(
  promise: Promise<unknown>,
): Promise<E> {
  try {
    await promise;
  } catch (error) {
    return error as E;
  }
  throw new Error('it did not fail');
}
