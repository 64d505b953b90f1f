import { type IncomingMessage, type ServerResponse } from 'node:http';

export interface ModelMessage {
  readonly role: string;
  readonly content: string;
}

export interface ModelRequest {
  readonly authorization: string;
  readonly model: string;
  readonly messages: readonly ModelMessage[];
  /** The words of the last message of the user. */
  readonly question: string;
  /** All of it, as it came. */
  readonly raw: string;
  /** The pictures in it, as data URLs. */
  readonly pictures: readonly string[];
}

type Content =
  string | readonly { readonly text?: string; readonly image_url?: { readonly url: string } }[];

interface Body {
  readonly model: string;
  readonly messages: ModelMessage[];
}

/** The bytes with which a model asks for a tool. */
export const toolCall = (name: string, args: object): Buffer => {
  const call = { index: 0, id: 'call_1', function: { name, arguments: JSON.stringify(args) } };
  const choice = { index: 0, delta: { tool_calls: [call] }, finish_reason: null };
  return Buffer.from(`data: ${JSON.stringify({ choices: [choice] })}\n\n`);
};

/** One request to the model server and the ways to answer it. */
export class ModelCall {
  /** Resolves when the caller has gone or the answer has ended. */
  readonly gone: Promise<void>;
  private started = false;

  private constructor(
    readonly request: ModelRequest,
    private readonly response: ServerResponse,
  ) {
    this.gone = new Promise((resolve) => response.once('close', () => resolve()));
  }

  static async read(incoming: IncomingMessage, response: ServerResponse): Promise<ModelCall> {
    const parts: Buffer[] = [];
    for await (const part of incoming) parts.push(part as Buffer);
    const raw = Buffer.concat(parts).toString('utf8');
    const { model, messages } = JSON.parse(raw) as Body;
    const last = messages.filter(({ role }) => role === 'user').at(-1)?.content ?? '';
    const { question, pictures } = wordsAndPictures(last as Content);
    const authorization = incoming.headers.authorization ?? '';
    return new ModelCall({ authorization, model, messages, question, raw, pictures }, response);
  }

  get isGone(): boolean {
    return this.response.destroyed || this.response.writableEnded;
  }

  /** One delta. */
  say(text: string): void {
    this.bytes(ModelCall.event(JSON.stringify(text)));
  }

  /** The bytes of one delta whose content is given as JSON text, so that escapes stay as written. */
  static event(contentJson: string): Buffer {
    const delta = `{"index":0,"delta":{"content":${contentJson}},"finish_reason":null}`;
    return Buffer.from(
      `data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[${delta}]}\n\n`,
    );
  }

  /** Bytes as they are, as one chunk. */
  bytes(bytes: Buffer): void {
    if (this.isGone) return;
    if (!this.started) this.response.writeHead(200, { 'content-type': 'text/event-stream' });
    this.started = true;
    this.response.write(bytes);
  }

  /** Bytes in a TCP segment of their own: the next ones go out only after these have left. */
  async segment(bytes: Buffer): Promise<void> {
    this.response.socket?.setNoDelay(true);
    this.bytes(bytes);
    // A round through the event loop and a short pause: the other side reads before more comes.
    await new Promise((resolve) => setTimeout(resolve, 5));
  }

  /** One piece after the other with a pause before each. */
  async slowly(pieces: readonly string[], everyMs: number): Promise<void> {
    for (const piece of pieces) {
      await new Promise((resolve) => setTimeout(resolve, everyMs));
      this.say(piece);
    }
    this.end();
  }

  end(): void {
    if (this.isGone) return;
    const usage = '{"prompt_tokens":7,"completion_tokens":9,"total_tokens":16}';
    this.bytes(
      Buffer.from(
        `data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":${usage}}\n\n`,
      ),
    );
    this.response.end('data: [DONE]\n\n');
  }

  fail(status: number, message: string): void {
    this.response.writeHead(status, { 'content-type': 'application/json' });
    this.response.end(JSON.stringify({ error: { message, type: 'test', code: null } }));
  }

  /** Cuts the connection. */
  cut(): void {
    this.response.destroy();
  }
}

/** A question with pictures comes in parts. */
function wordsAndPictures(content: Content): Pick<ModelRequest, 'question' | 'pictures'> {
  if (typeof content === 'string') return { question: content, pictures: [] };
  return {
    question: content.flatMap(({ text }) => text ?? []).join('\n\n'),
    pictures: content.flatMap(({ image_url: image }) => image?.url ?? []),
  };
}
