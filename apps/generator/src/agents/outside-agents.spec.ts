import { createHmac } from 'node:crypto';

import { eventually, HastyClock, settled, standIn } from '@common/testing';

import { aQuestion } from '../generation/claimed-turn.fixture';
import {
  hangs,
  ModelServer,
  refuses,
  resets,
  type SeenRequest,
  streams,
} from '../models/model-server.fixture';
import { aVoice, secrets } from '../models/voice.fixture';
import type { AnswerPart, OutsideQuestion, Question } from './agent.port';
import { DifyAgent } from './dify-agent';
import type { DifyConversations } from './dify-conversations.repository';
import { HttpAgent } from './http-agent';
import { OutsideLine } from './outside-line.service';
import { UsageTally } from './usage-tally';

let server: ModelServer;
beforeEach(async () => {
  server = await new ModelServer().listen();
});
afterEach(() => server.close());

const event = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`;
const outside = (overrides: Partial<OutsideQuestion['endpoint']> = {}): OutsideQuestion => ({
  endpoint: {
    url: server.url,
    secret: secrets.seal('s3cret'),
    isTrustedAddress: true,
    ...overrides,
  },
  tenantId: 'tenant',
  agentId: 'agent',
  sessionId: 'session',
  memberId: 'member',
});

function aLine(silenceMs?: number) {
  const { lines, config, clock } = aVoice({ clock: new HastyClock(), silenceMs });
  return { line: new OutsideLine(lines, config, clock), clock };
}
async function collect(parts: AsyncIterable<AnswerPart>, seen: AnswerPart[] = []) {
  for await (const part of parts) seen.push(part);
  return seen;
}
const textOf = (parts: readonly AnswerPart[]): string =>
  parts.map((part) => ('text' in part ? part.text : '')).join('');
const never = new AbortController().signal;

describe('HttpAgent', () => {
  const ask = (question: Partial<Question> = {}, seen: AnswerPart[] = [], signal = never) => {
    const { line, clock } = aLine(300);
    const agent = new HttpAgent(line, secrets, clock);
    return collect(agent.answer(aQuestion({ outside: outside(), ...question }), signal), seen);
  };
  const done = 'event: done\ndata: {}\n\n';

  it('posts the turn, signed, and reads events as they come', async () => {
    const tally = new UsageTally();
    server.acts = [
      streams([
        event({ note: 'looking' }),
        event({ text: 'Hel' }),
        event({ text: 'lo', usage: { inputTokens: 3, outputTokens: 1 } }),
        done,
      ]),
    ];

    expect(await ask({ tally })).toEqual([{ note: 'looking' }, { text: 'Hel' }, { text: 'lo' }]);
    expect(tally.total).toMatchObject({ inputTokens: 3, outputTokens: 1 });
    const { body, headers } = server.requests[0] as SeenRequest; // it was asked
    expect(body).toEqual({
      turnId: aQuestion().turnId,
      locale: 'en',
      instructions: 'Be brief.',
      messages: [{ role: 'user', text: 'Hello?' }],
      resumeFrom: 0,
    });
    const stamp = String(headers['x-carillon-timestamp']);
    const hmac = createHmac('sha256', 's3cret').update(`${stamp}.${JSON.stringify(body)}`);
    expect(headers['x-carillon-signature']).toBe(`sha256=${hmac.digest('hex')}`);
    expect(headers['idempotency-key']).toBe(aQuestion().turnId);
  });

  it('reads an answer in one piece', async () => {
    server.acts = [
      (response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ text: 'Hello' }));
      },
    ];
    expect(textOf(await ask())).toBe('Hello');
  });

  it('asks it to go on after a break, by the turn’s id and what was said', async () => {
    server.acts = [
      streams([event({ text: 'Once upon ' })], 'break'),
      (response, request) => {
        response.setHeader('x-carillon-resumed-from', String(request.body['resumeFrom']));
        return streams([event({ text: 'a time.' }), done])(response, request);
      },
    ];
    expect(textOf(await ask())).toBe('Once upon a time.');
    expect(server.requests.map(({ body }) => body['resumeFrom'])).toEqual([0, 10]);
  });

  it('leaves a break to the next attempt when it cannot go on: no text twice', async () => {
    server.acts = [
      streams([event({ text: 'Once ' })], 'break'),
      streams([event({ text: 'Once upon a time.' }), done]),
    ];
    const seen: AnswerPart[] = [];
    await expect(ask({}, seen)).rejects.toMatchObject({ retry: 'backoff' });
    expect(textOf(seen)).toBe('Once ');
  });

  it.each([
    ['an end without an end', streams([event({ text: 'Half' })]), 'model_unreachable'],
    ['its own error', streams([event({ error: { code: 'x' } })]), 'model_failed'],
    ['what is no event of ours', streams(['data: hello\n\n']), 'model_failed'],
    ['HTTP 401', refuses(401, ''), 'model_key_rejected'],
    ['HTTP 404', refuses(404, ''), 'model_misconfigured'],
    ['silence', hangs, 'model_timeout'],
  ])('understands %s', async (_what, act, code) => {
    server.acts = [act];
    await expect(ask()).rejects.toMatchObject({ code });
  });

  it('asks again when it was busy or cut before the first word', async () => {
    server.acts = [refuses(503, ''), resets, streams([event({ text: 'Hi' }), done])];
    expect(textOf(await ask())).toBe('Hi');
    expect(server.requests).toHaveLength(3);
  });

  it.each([
    ['inside our network', { isTrustedAddress: false }],
    ['by a decimal address', { url: 'http://2130706433:8080/', isTrustedAddress: false }],
    ['by a mapped address', { url: 'http://[::ffff:127.0.0.1]:8080/', isTrustedAddress: false }],
    ['at the metadata service', { url: 'http://169.254.169.254/' }],
  ])('asks nobody %s', async (_where, endpoint) => {
    await expect(ask({ outside: outside(endpoint) })).rejects.toMatchObject({
      code: 'model_misconfigured',
    });
    expect(server.requests).toEqual([]);
  });

  it('follows no redirect', async () => {
    server.acts = [
      (response) => void response.writeHead(307, { location: 'http://169.254.169.254/' }).end(),
    ];
    await expect(ask()).rejects.toMatchObject({ name: 'ModelError' });
  });
});

describe('DifyAgent', () => {
  function ask(known: string | null = null, signal = never, seen: AnswerPart[] = []) {
    const kept: string[] = [];
    const conversations = standIn<DifyConversations>({
      find: () => Promise.resolve(known),
      keep: (_of, conversation) => {
        kept.push(conversation);
        return Promise.resolve();
      },
    });
    const tally = new UsageTally();
    const agent = new DifyAgent(aLine(300).line, secrets, conversations);
    const question = aQuestion({ outside: outside(), tally });
    return { parts: collect(agent.answer(question, signal), seen), kept, tally, seen };
  }
  const ids = { task_id: 't1', conversation_id: 'c1' };
  const end = event({
    event: 'message_end',
    ...ids,
    metadata: { usage: { prompt_tokens: 7, completion_tokens: 2 } },
  });

  it.each(['message', 'agent_message'])(
    'streams a %s, and keeps its conversation',
    async (kind) => {
      server.acts = [
        streams([
          event({ event: 'workflow_started', ...ids }),
          event({ event: kind, answer: 'Hel', ...ids }),
          event({ event: kind, answer: 'lo', ...ids }),
          'event: ping\n\n',
          end,
        ]),
      ];
      const { parts, kept, tally } = ask();

      expect(textOf(await parts)).toBe('Hello');
      expect(new Set(kept)).toEqual(new Set(['c1']));
      expect(tally.total).toMatchObject({ inputTokens: 7, outputTokens: 2 });
      expect(server.requests[0]).toMatchObject({
        path: '/v1/chat-messages',
        authorization: 'Bearer s3cret',
        body: { query: 'Hello?', response_mode: 'streaming', conversation_id: '' },
      });
      expect(JSON.stringify(server.requests[0]?.body)).not.toMatch(/member|session"/);
    },
  );

  it('goes on in the session’s conversation, and begins anew when Dify has forgotten it', async () => {
    server.acts = [
      refuses(404, 'not_found'),
      streams([event({ event: 'message', answer: 'Hi', ...ids }), end]),
    ];
    expect(textOf(await ask('c0').parts)).toBe('Hi');
    expect(server.requests.map(({ body }) => body['conversation_id'])).toEqual(['c0', '']);
  });

  it.each([
    [{ event: 'error', status: 400, code: 'provider_quota_exceeded' }, 'model_quota'],
    [{ event: 'error', status: 400, code: 'app_unavailable' }, 'model_misconfigured'],
    [{ event: 'error', status: 500, code: 'x' }, 'model_unreachable'],
    [{ no: 'event' }, 'model_failed'],
  ])('understands %j', async (said, code) => {
    server.acts = [streams([event(said)])];
    await expect(ask().parts).rejects.toMatchObject({ code });
  });

  it('tells Dify to stop when the turn is cancelled', async () => {
    server.acts = [
      streams([event({ event: 'message', answer: 'Once', ...ids })], 'hang'),
      streams([]),
    ];
    const stop = new AbortController();
    const { parts, seen } = ask(null, stop.signal);
    await eventually(() => seen.length > 0);
    stop.abort(new Error('stopped'));
    await expect(parts).rejects.toThrow('stopped');
    await eventually(() => server.requests.length === 2);
    await settled();
    expect(server.requests[1]?.path).toBe('/v1/chat-messages/t1/stop');
  });
});
