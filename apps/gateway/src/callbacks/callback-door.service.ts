import type { IncomingMessage, ServerResponse } from 'node:http';

import { Injectable } from '@nestjs/common';

import { Logger } from '@common/logging';

import { CallbackBodies } from './callback-bodies';
import type { CallbackRequest, CallbackWay } from './callback-channel';
import { type CallbackAnswer, CallbackPipeline } from './callback.pipeline';

/** How long a refused sender may go on sending into the void, so that it can read its answer. */
const FAREWELL_MS = 300;

const WAYS: Readonly<Record<string, CallbackWay>> = {
  '': 'events',
  messages: 'messages',
  cards: 'cards',
};

/**
 * HTTP around the callback pipeline: `/callbacks/dingtalk/{channelId}[/messages|/cards]`. It comes before any body parser:
 * signatures are looked at before a body is read.
 */
@Injectable()
export class CallbackDoor {
  private readonly bodies = new CallbackBodies();
  private readonly inHand = new Set<Promise<void>>();
  private isClosed = false;

  constructor(
    private readonly pipeline: CallbackPipeline,
    private readonly logger: Logger,
  ) {}

  /** @param request its `url` is what follows `/callbacks/dingtalk` */
  serve(request: IncomingMessage, response: ServerResponse): void {
    const task = this.answer(request)
      .then((answer) => send(request, response, answer))
      .catch((error: unknown) => {
        this.logger.error('callback failed', { error });
        request.socket.destroy();
      })
      .finally(() => this.inHand.delete(task));
    this.inHand.add(task);
  }

  /** Takes nothing new; whoever is inside is answered. */
  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all(this.inHand);
  }

  private answer(request: IncomingMessage): Promise<CallbackAnswer> {
    const callback = readAddress(request);
    if (!callback) return Promise.resolve({ status: 404 });
    if (this.isClosed) return Promise.resolve({ status: 503 });
    return this.pipeline.answer(callback, () => this.bodies.read(request, callback.channelId));
  }
}

function readAddress(request: IncomingMessage): CallbackRequest | null {
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  const [, channelId = '', way = '', ...rest] = path.replace(/\/$/, '').split('/');
  const known = Object.hasOwn(WAYS, way) ? WAYS[way] : undefined;
  if (request.method !== 'POST' || !known || rest.length > 0) return null;
  return { channelId, way: known, headers: request.headers, query: new URLSearchParams(query) };
}

function send(request: IncomingMessage, response: ServerResponse, answer: CallbackAnswer): void {
  const text = answer.body === undefined ? '' : JSON.stringify(answer.body);
  response.removeHeader('x-powered-by');
  response.writeHead(answer.status, {
    ...(text !== '' && { 'content-type': 'application/json' }),
    'content-length': Buffer.byteLength(text),
    ...(!request.complete && { connection: 'close' }),
  });
  response.end(text);
  if (!request.complete) setTimeout(() => request.socket.destroy(), FAREWELL_MS).unref();
}
