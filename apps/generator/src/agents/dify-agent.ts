import { Injectable } from '@nestjs/common';

import { derivedId, SecretBox } from '@common/kernel';

import { ModelError } from '../models/model.errors';
import { Agent, type AnswerPart, type OutsideQuestion, type Question } from './agent.port';
import { DifyConversations } from './dify-conversations.repository';
import { readDifyEvent } from './dify-agent.wire';
import { type OutsideAnswer, OutsideLine } from './outside-line.service';
import { sseEvents } from '../models/sse-events';
import { type DifyFile, difyFiles } from './dify-files';

const UPLOAD_SECONDS = 20;

/** A question, and the files of it that Dify has. */
interface Asked {
  readonly question: Question;
  readonly files: readonly DifyFile[];
}

/**
 * A chat or agent app of Dify, streamed. Dify keeps the conversation: it is asked with the question alone, under one
 * conversation id per session. Its instructions and knowledge are its own.
 */
@Injectable()
export class DifyAgent extends Agent {
  constructor(
    private readonly line: OutsideLine,
    private readonly secrets: SecretBox,
    private readonly conversations: DifyConversations,
  ) {
    super();
  }

  async *answer(question: Question, signal: AbortSignal): AsyncIterable<AnswerPart> {
    const { outside } = question;
    if (!outside?.endpoint.secret) throw new ModelError('model_misconfigured');
    const known = await this.conversations.find(outside);
    const files = await this.files(question, outside, signal);
    const answer = await this.open({ question, files }, outside, known, signal);
    let task: string | null = null;
    try {
      const body = answer.response.body as AsyncIterable<Uint8Array>;
      for await (const { data } of sseEvents(body)) {
        const event = readDifyEvent(data);
        answer.patience.heard();
        task ??= event.task;
        if (event.conversation && event.conversation !== known)
          await this.conversations.keep(outside, event.conversation);
        if (event.usage) question.tally.add(event.usage, null);
        if (event.note) yield { note: event.note };
        if (event.text) yield { text: event.text };
        if (event.isEnd) return;
      }
      throw new ModelError('model_unreachable', { isPassing: true });
    } catch (error) {
      if (signal.aborted && task) void this.stop(outside, task);
      signal.throwIfAborted();
      throw this.line.faultOf(error, answer);
    } finally {
      answer.patience.end();
    }
  }

  /** A conversation that Dify has forgotten begins anew. */
  private async open(
    asked: Asked,
    outside: OutsideQuestion,
    known: string | null,
    signal: AbortSignal,
  ): Promise<OutsideAnswer> {
    try {
      return await this.ask(asked, outside, known, signal);
    } catch (error) {
      const isGone = error instanceof ModelError && error.details['status'] === 404;
      if (!isGone || known === null) throw error;
      return this.ask(asked, outside, null, signal);
    }
  }

  private ask(
    { question: { history, timeoutSeconds }, files }: Asked,
    outside: OutsideQuestion,
    conversation: string | null,
    signal: AbortSignal,
  ): Promise<OutsideAnswer> {
    const body = JSON.stringify({
      inputs: {},
      query: history.at(-1)?.text ?? '',
      response_mode: 'streaming',
      conversation_id: conversation ?? '',
      user: userOf(outside),
      ...(files.length > 0 ? { files } : {}),
    });
    const request = {
      url: `${this.root(outside)}/chat-messages`,
      headers: this.headers(outside),
      body,
    };
    return this.line.post(outside.endpoint, request, timeoutSeconds, signal);
  }

  private files(
    { history }: Question,
    outside: OutsideQuestion,
    signal: AbortSignal,
  ): Promise<DifyFile[]> {
    const { authorization = '' } = this.headers(outside);
    return difyFiles(history.at(-1)?.attachments ?? [], async (form) => {
      form.append('user', userOf(outside));
      const url = `${this.root(outside)}/files/upload`;
      const request = { url, headers: { authorization }, body: form };
      const { endpoint } = outside;
      const { response, patience } = await this.line.post(
        endpoint,
        request,
        UPLOAD_SECONDS,
        signal,
      );
      return response.json().finally(() => patience.end());
    });
  }

  /** Closing the connection does not stop an app: Dify wants to be told. A convenience, so its failure is nobody's. */
  private async stop(outside: OutsideQuestion, task: string): Promise<void> {
    const url = `${this.root(outside)}/chat-messages/${encodeURIComponent(task)}/stop`;
    const body = JSON.stringify({ user: userOf(outside) });
    const request = { url, headers: this.headers(outside), body };
    await this.line
      .post(outside.endpoint, request, 3, AbortSignal.timeout(3_000))
      .then(({ response, patience }) => {
        patience.end();
        // Fails, too, when the connection broke meanwhile.
        return response.body?.cancel();
      })
      .catch(() => undefined);
  }

  private root({ endpoint }: OutsideQuestion): string {
    return endpoint.url.replace(/\/$/, '');
  }

  private headers({ endpoint }: OutsideQuestion): Record<string, string> {
    const key = endpoint.secret ? this.secrets.openText(endpoint.secret) : '';
    return { 'content-type': 'application/json', authorization: `Bearer ${key}` };
  }
}

/** The same person for this agent alone, and no id of the platform. */
const userOf = ({ agentId, memberId }: OutsideQuestion): string =>
  derivedId('dify-user', agentId, memberId);
