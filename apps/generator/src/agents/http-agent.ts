import { createHmac } from 'node:crypto';

import { Injectable } from '@nestjs/common';

import { Clock, SecretBox } from '@common/kernel';

import { ModelError } from '../models/model.errors';
import { Agent, type AnswerPart, type OutsideQuestion, type Question } from './agent.port';
import { messageOf } from './http-agent.message';
import { type HttpFile, readHttpEvent } from './http-agent.wire';
import { type OutsideAnswer, OutsideLine } from './outside-line.service';
import { sseEvents } from '../models/sse-events';

/** Times an answer that broke off is asked to go on. */
const RESUMPTIONS = 2;

/**
 * An endpoint of the tenant's own: it gets the turn by POST and answers with Server-Sent Events or one JSON object. The
 * turn's id is the same in every attempt (`idempotency-key`), so an endpoint may answer a turn once and repeat itself;
 * after a break it is asked to go on (`resumeFrom`) and says that it does (`x-carillon-resumed-from`).
 */
@Injectable()
export class HttpAgent extends Agent {
  constructor(
    private readonly line: OutsideLine,
    private readonly secrets: SecretBox,
    private readonly clock: Clock,
  ) {
    super();
  }

  async *answer(question: Question, signal: AbortSignal): AsyncIterable<AnswerPart> {
    const { outside } = question;
    if (!outside) throw new ModelError('model_misconfigured');
    let said = 0;
    for (let resumptions = 0; ; resumptions += 1) {
      const answer = await this.ask(question, outside, said, signal);
      try {
        for await (const part of this.read(question, answer)) {
          answer.patience.heard();
          if ('text' in part) said += part.text.length;
          yield part;
        }
        return;
      } catch (error) {
        signal.throwIfAborted();
        const failure = this.line.faultOf(error, answer);
        if (failure.retry === 'never' || said === 0 || resumptions >= RESUMPTIONS) throw failure;
      } finally {
        answer.patience.end();
      }
    }
  }

  /** @throws ModelError when it was to go on and begins anew: that is for the next attempt */
  private async ask(
    question: Question,
    { endpoint }: OutsideQuestion,
    said: number,
    signal: AbortSignal,
  ): Promise<OutsideAnswer> {
    const { turnId, locale, instructions, history } = question;
    const last = history.length - 1;
    const body = JSON.stringify({
      turnId,
      locale,
      instructions,
      messages: await Promise.all(history.map((one, n) => messageOf(one, n === last))),
      resumeFrom: said,
    });
    const headers = {
      'content-type': 'application/json',
      accept: 'text/event-stream, application/json',
      'idempotency-key': turnId,
      ...this.signature(endpoint.secret, body),
    };
    const request = { url: endpoint.url, headers, body };
    const answer = await this.line.post(endpoint, request, question.timeoutSeconds, signal);
    const resumed = answer.response.headers.get('x-carillon-resumed-from');
    if (said === 0 || resumed === String(said)) return answer;
    answer.patience.end();
    await answer.response.body?.cancel();
    throw new ModelError('model_unreachable', { isPassing: true });
  }

  /** HMAC-SHA256 over `<timestamp>.<body>`; the receiver refuses old timestamps. */
  private signature(secret: Buffer | null, body: string): Record<string, string> {
    if (!secret) return {};
    const timestamp = String(Math.floor(this.clock.now() / 1_000));
    const hmac = createHmac('sha256', this.secrets.open(secret));
    return {
      'x-carillon-timestamp': timestamp,
      'x-carillon-signature': `sha256=${hmac.update(`${timestamp}.${body}`).digest('hex')}`,
    };
  }

  private async *read(
    { tally, outside }: Question,
    { response }: OutsideAnswer,
  ): AsyncIterable<AnswerPart> {
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream');
    if (!isStream) {
      const { text, usage, files } = readHttpEvent(await response.text());
      if (usage) tally.add(usage, null);
      if (text) yield { text };
      yield* filesOf(files, outside);
      return;
    }
    for await (const { data, event } of sseEvents(response.body as AsyncIterable<Uint8Array>)) {
      if (data === '[DONE]' || event === 'done') return;
      const { text, note, usage, files } = readHttpEvent(data);
      if (usage) tally.add(usage, null);
      if (note) yield { note };
      if (text) yield { text };
      yield* filesOf(files, outside);
    }
    // Without its end the answer may be half of one.
    throw new ModelError('model_unreachable', { isPassing: true });
  }
}

function* filesOf(
  files: readonly HttpFile[] = [],
  outside: OutsideQuestion | null,
): Iterable<AnswerPart> {
  for (const { name, mimeType: mediaType, base64, url } of files) {
    if (base64 !== undefined) yield { file: { name, mediaType, from: { base64 } } };
    else if (url !== undefined)
      yield { file: { name, mediaType, from: { url, isTrusted: isOwn(url, outside) } } };
  }
}

/** On the endpoint's own host, which a platform key named. */
const isOwn = (url: string, outside: OutsideQuestion | null): boolean =>
  outside?.endpoint.isTrustedAddress === true &&
  new URL(url).origin === new URL(outside.endpoint.url).origin;
