import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { eventually } from './eventually';
import { ModelCall, type ModelRequest } from './model-call';

export type Script = (call: ModelCall) => Promise<void> | void;

/** An answer that stops in the middle until it is let go. */
export interface HeldAnswer {
  readonly text: string;
  /** How many requests for it came. */
  requests(): number;
  /** Resolves when it was asked for so many times. */
  asked(times?: number, withinMs?: number): Promise<unknown>;
  release(): void;
}

/** What the model says when no script was given: recognisable, and the same at every attempt. */
export const plainAnswerTo = (question: string): string =>
  `The answer to "${question}" is forty-two, as it always was and always will be.`;

/** An OpenAI-compatible streaming endpoint in the spec's own process: records what it is sent, says what it is told. */
export class ModelServer {
  readonly requests: ModelRequest[] = [];
  private readonly scripts: { readonly needle: string; readonly run: Script }[] = [];
  private readonly open = new Set<ServerResponse>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<ModelServer> {
    const server = createServer();
    const model = new ModelServer(server);
    server.on('request', (request, response) => void model.serve(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return model;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
  }

  /** Questions that contain `needle` are answered by this script; later ones go first. */
  on(needle: string, run: Script): void {
    this.scripts.unshift({ needle, run });
  }

  /** Says half of an answer, then waits. Requests that come after the release are answered whole. */
  hold(needle: string, text = plainAnswerTo(needle)): HeldAnswer {
    let release = () => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    this.on(needle, async (call) => {
      const half = Math.ceil(text.length / 2);
      call.say(text.slice(0, half));
      await Promise.race([released, call.gone]);
      call.say(text.slice(half));
      call.end();
    });
    const requests = () => this.about(needle).length;
    const asked = (times = 1, withinMs?: number) =>
      eventually(`model is asked "${needle}"`, () => requests() >= times, withinMs);
    return { text, requests, asked, release };
  }

  /** The requests whose question contains this. */
  about(needle: string): ModelRequest[] {
    return this.requests.filter(({ question }) => question.includes(needle));
  }

  get underWay(): number {
    return this.open.size;
  }

  /** Cuts every answer that is under way. */
  dropAll(): void {
    for (const response of this.open) response.destroy();
  }

  async stop(): Promise<void> {
    this.dropAll();
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.open.add(response);
    response.on('close', () => this.open.delete(response));
    response.on('error', () => undefined); // the caller went away
    const call = await ModelCall.read(request, response);
    this.requests.push(call.request);
    const { question } = call.request;
    const script = this.scripts.find(({ needle }) => question.includes(needle));
    if (script) return script.run(call);
    for (const piece of plainAnswerTo(question).match(/.{1,12}/gsu) ?? []) call.say(piece);
    call.end();
  }
}
