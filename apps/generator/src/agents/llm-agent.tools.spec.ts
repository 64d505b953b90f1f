import { HastyClock } from '@common/testing';

import { chunkOf, ModelServer, sse, streams } from '../models/model-server.fixture';
import type { ToolRequest } from '../models/model-provider.port';
import { type Pause, Suspension } from '../tools/suspension';
import { Toolbox } from '../tools/toolbox.port';
import type { Question } from './agent.port';
import { askAgent } from './llm-agent.fixture';
import { UsageTally } from './usage-tally';

class Tools extends Toolbox {
  readonly specs = [{ name: 'clock', description: 'The time.', inputSchema: { type: 'object' } }];
  readonly used: ToolRequest[] = [];
  readonly recalled: ToolRequest[] = [];
  constructor(
    private readonly answer: (request: ToolRequest) => string = () => 'noon',
    readonly maxSteps = 3,
  ) {
    super();
  }
  describe = ({ name }: ToolRequest): string => `using ${name}`;
  recall(requests: readonly ToolRequest[]): void {
    this.recalled.push(...requests);
  }
  hear = (): void => undefined;
  async use(request: ToolRequest): Promise<string> {
    this.used.push(request);
    return Promise.resolve(this.answer(request));
  }
}

let server: ModelServer;
beforeEach(async () => {
  server = await new ModelServer().listen();
});
afterEach(() => server.close());

const ask = (tools: Toolbox, question: Partial<Question> = {}) =>
  askAgent(server.url, { clock: new HastyClock(), question: { tools, ...question } });
const call = (id: string, args = '{}') =>
  chunkOf({ tool_calls: [{ index: 0, id, function: { name: 'clock', arguments: args } }] });
const messagesOf = (n: number) =>
  server.requests[n]?.body['messages'] as { role: string; content: string }[];

describe('LlmAgent: tools', () => {
  it('uses what the model asks for, says so in one line, and goes on with the result', async () => {
    server.acts = [
      streams([sse(chunkOf({ content: 'Let me look.' }), call('c1'))]),
      streams([sse(chunkOf({ content: 'It is noon.' }))]),
    ];
    const tally = new UsageTally();

    const { parts, text } = await ask(new Tools(), { tally });

    expect(text).toBe('Let me look.\n\nIt is noon.');
    expect(parts).toContainEqual({ note: 'using clock' });
    expect(messagesOf(1).at(-1)).toMatchObject({ role: 'tool', content: 'noon' });
    expect(tally.total?.toolCalls).toBe(1);
  });

  it('lets the model answer at last: after so many steps it has no tools', async () => {
    server.acts = [
      streams([sse(call('c1'))]),
      streams([sse(call('c2'))]),
      streams([sse(chunkOf({ content: 'Enough.' }))]),
    ];
    const tools = new Tools(undefined, 2);

    expect((await ask(tools)).text).toBe('Enough.');
    expect(tools.used).toHaveLength(2);
    expect(server.requests[2]?.body).not.toHaveProperty('tools');
  });

  describe('that ask a person first', () => {
    const asking = () =>
      new Tools((request) => {
        if (request.id === 'c1') return 'noon';
        throw new Suspension('call', { tool: request.name, args: {} });
      });

    it('stop with all that was said and done so far', async () => {
      const two = chunkOf({
        tool_calls: [
          { index: 0, id: 'c1', function: { name: 'clock', arguments: '{}' } },
          { index: 1, id: 'c2', function: { name: 'clock', arguments: '{"order":1}' } },
        ],
      });
      server.acts = [streams([sse(chunkOf({ content: 'Hm.' }), two)])];

      const wait = await ask(asking()).catch((error: unknown) => error as Suspension);

      expect((wait as Suspension).pause).toMatchObject({ said: 'Hm.\n\n', open: [{ id: 'c2' }] });
      expect((wait as Suspension).pause?.messages.at(-1)).toMatchObject({
        role: 'tool',
        text: 'noon',
      });
    });

    it('go on from there in the next attempt: nothing is asked or done again', async () => {
      const request = { id: 'c2', name: 'clock', argumentsJson: '{"order":1}' };
      const pause: Pause = {
        messages: [
          { role: 'user', content: [{ kind: 'text', text: 'Order, please' }] },
          { role: 'assistant', text: 'Hm.', requests: [{ ...request, id: 'c1' }, request] },
          { role: 'tool', requestId: 'c1', text: 'noon' },
        ],
        open: [request],
        said: 'Hm.\n\n',
      };
      server.acts = [streams([sse(chunkOf({ content: 'Ordered.' }))])];
      const tools = new Tools(() => 'ordered');

      const { text } = await ask(tools, { pause });

      expect(text).toBe('Hm.\n\nOrdered.');
      expect(tools.recalled.map(({ id }) => id)).toEqual(['c1']);
      expect(tools.used).toEqual([request]);
      expect(messagesOf(0).map(({ role }) => role)).toEqual([
        'system',
        'user',
        'assistant',
        'tool',
        'tool',
      ]);
    });
  });
});
