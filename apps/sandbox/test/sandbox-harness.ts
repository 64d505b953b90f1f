import { createHash } from 'node:crypto';
import { WebSocket } from 'ws';
import { readSandboxConfig } from '../src/sandbox.config';
import { Sandbox } from '../src/sandbox';

export const BOT = 'dingsandboxbot1';
export const SECRET = 'sandbox-secret-1';
export const ROBOT_TOPIC = '/v1.0/im/bot/messages/get';
export const CARD_TOPIC = '/v1.0/card/instances/callback';
export const SUBSCRIPTIONS = [
  { type: 'EVENT', topic: '*' },
  { type: 'CALLBACK', topic: ROBOT_TOPIC },
  { type: 'CALLBACK', topic: CARD_TOPIC },
];

export interface Answer {
  readonly status: number;
  /** Parsed JSON, else the text. */
  // Specs look into answers of many shapes; matchers check them.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
  readonly text: string;
}

/** One sandbox on a free port, and a small client for both of its sides. */
export class SandboxHarness {
  private readonly links: StreamPeer[] = [];
  private constructor(readonly sandbox: Sandbox) {}

  static async start(env: NodeJS.ProcessEnv = {}): Promise<SandboxHarness> {
    return new SandboxHarness(
      await new Sandbox(readSandboxConfig({ SANDBOX_PORT: '0', ...env })).start(),
    );
  }

  async stop(): Promise<void> {
    for (const link of this.links) link.socket.terminate();
    await this.sandbox.stop();
  }

  /** Any request; objects become JSON. */
  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const url = path.startsWith('http') ? path : `${this.sandbox.url}${path}`;
    const response = await fetch(url, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, text, body: parse(text) };
  }

  async token(clientId = BOT, secret = SECRET): Promise<string> {
    const { body } = await this.call('POST', '/v1.0/oauth2/accessToken', {
      appKey: clientId,
      appSecret: secret,
    });
    return (body as { accessToken: string }).accessToken;
  }

  /** A call of the new API with a valid token. */
  async api(method: string, path: string, body?: unknown, clientId = BOT): Promise<Answer> {
    const secret = clientId === BOT ? SECRET : 'sandbox-secret-2';
    const token = await this.token(clientId, secret);
    return this.call(method, path, body, { 'x-acs-dingtalk-access-token': token });
  }

  /** The control API; fails the test when it refuses. */
  async control(method: string, path: string, body?: unknown): Promise<Answer['body']> {
    const answer = await this.call(method, `/sandbox${path}`, body);
    if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  }

  openTicket(
    body: Record<string, unknown> = {},
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const whole = { clientId: BOT, clientSecret: SECRET, subscriptions: SUBSCRIPTIONS, ...body };
    return this.call('POST', '/v1.0/gateway/connections/open', whole, {
      accept: 'application/json',
      ...headers,
    });
  }

  /** A live Stream connection. */
  async connect(body: Record<string, unknown> = {}): Promise<StreamPeer> {
    const { endpoint, ticket } = (await this.openTicket(body)).body as {
      endpoint: string;
      ticket: string;
    };
    const peer = new StreamPeer(`${endpoint}?ticket=${encodeURIComponent(ticket)}`);
    this.links.push(peer);
    await peer.opened;
    return peer;
  }

  /** The kinds of violations so far. */
  async violations(): Promise<string[]> {
    return ((await this.control('GET', '/violations')) as { kind: string }[]).map(
      ({ kind }) => kind,
    );
  }
}

export interface Frame {
  readonly type: string;
  readonly headers: Record<string, string>;
  readonly data: string;
}

/** The client's end of a Stream connection: keeps what comes, sends what it is told. */
export class StreamPeer {
  readonly frames: Frame[] = [];
  readonly raw: { data: Buffer; isBinary: boolean }[] = [];
  readonly socket: WebSocket;
  readonly opened: Promise<void>;
  closeCode: number | undefined;

  constructor(url: string) {
    this.socket = new WebSocket(url);
    this.opened = new Promise((resolve, reject) => {
      this.socket.once('open', resolve);
      this.socket.once('error', reject);
    });
    this.socket.on('error', () => undefined);
    this.socket.on('close', (code) => (this.closeCode = code));
    this.socket.on('message', (data, isBinary) => {
      this.raw.push({ data: data as Buffer, isBinary });
      const frame = parse(String(data)) as Frame;
      if (frame?.headers) this.frames.push(frame);
    });
  }

  ofTopic(topic: string): Frame[] {
    return this.frames.filter((frame) => frame.headers['topic'] === topic);
  }

  ack(frame: Frame, code = 200, data: unknown = { response: null }): void {
    const headers = { contentType: 'application/json', messageId: frame.headers['messageId'] };
    this.socket.send(JSON.stringify({ code, headers, message: 'OK', data: JSON.stringify(data) }));
  }
}

/** Polls until the probe gives something; the last error or value is told when it never does. */
export async function eventually<T>(
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  timeoutMs = 20_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error(`never happened: ${probe.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export const SEND = '/v1.0/robot/oToMessages/batchSend';

/** A 1:1 message of the first bot to the first person. */
export const aMessage = (more: object = {}): object => ({
  robotCode: BOT,
  userIds: ['0101'],
  msgKey: 'sampleText',
  msgParam: JSON.stringify({ content: 'hi' }),
  ...more,
});

/** A card request for a 1:1 chat. */
export function aCard(
  outTrackId: string,
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    cardTemplateId: 'carillon-sandbox.schema',
    outTrackId,
    callbackType: 'STREAM',
    cardData: { cardParamMap: { content: '' } },
    openSpaceId: 'dtv1.card//IM_ROBOT.0101',
    imRobotOpenSpaceModel: { supportForward: true },
    imRobotOpenDeliverModel: { spaceType: 'IM_ROBOT', robotCode: BOT },
    ...more,
  };
}

/** A streaming request; the guid follows from the content, so the same call twice is a retry. */
export function aFrame(outTrackId: string, content: string, more: Record<string, unknown> = {}) {
  const guid = createHash('sha1')
    .update(JSON.stringify([outTrackId, content, more]))
    .digest('hex');
  return {
    outTrackId,
    guid,
    key: 'content',
    content,
    isFull: true,
    isFinalize: false,
    isError: false,
    ...more,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text; // Some answers are meant to be no JSON.
  }
}
