import { anId, settled, standIn } from '@common/testing';

import { aClaimedTurn } from '../generation/claimed-turn.fixture';
import { askPerson } from './ask-person';
import { Suspension } from './suspension';
import type { Tool } from './tool';
import type { BegunCall, ToolCallRepository } from './tool-call.repository';
import { ToolError } from './tool.errors';
import { TurnToolbox } from './turn-toolbox';

const never = new AbortController().signal;
const aTool = (wish: Partial<Tool> & { readonly name?: string } = {}): Tool => ({
  spec: { name: wish.name ?? 'clock', description: 'Tells the time.', inputSchema: {} },
  isReadOnly: true,
  asksFirst: false,
  timeoutMs: 1_000,
  run: () => Promise.resolve('noon'),
  ...wish,
});

function aToolbox(tools: readonly Tool[], was: BegunCall['was'] = 'new', result = 'from before') {
  const wishes: { name: string; n: number }[] = [];
  const ends: [string, string, string | null][] = [];
  const calls = standIn<ToolCallRepository>({
    begin: (_turn, { name, n }) => {
      wishes.push({ name, n });
      return Promise.resolve({ id: anId('call'), was, result: was === 'new' ? null : result });
    },
    end: (_turn, _id, state, text, code = null) => {
      ends.push([state, text, code]);
      return Promise.resolve();
    },
  });
  const say = (tool: string): string => `using ${tool}`;
  return { toolbox: new TurnToolbox(aClaimedTurn(), tools, calls, 8, say), wishes, ends };
}
const request = (name: string, argumentsJson = '{}') => ({ id: 'r1', name, argumentsJson });

describe('TurnToolbox', () => {
  it('uses a tool, and keeps what came of it', async () => {
    const { toolbox, ends } = aToolbox([aTool()]);
    expect(await toolbox.use(request('clock', '{"zone":"UTC"}'), never)).toBe('noon');
    expect(ends).toEqual([['finished', 'noon', null]]);
  });

  it('counts the same call anew, for it may have another result', async () => {
    const { toolbox, wishes } = aToolbox([aTool()]);
    await toolbox.use(request('clock', '{"a":1}'), never);
    await toolbox.use(request('clock', '{"a":1}'), never);
    await toolbox.use(request('clock', '{"a":2}'), never);
    expect(wishes.map(({ n }) => n)).toEqual([1, 2, 1]);
  });

  it('twice: a later attempt reuses what is finished, without running it', async () => {
    let runs = 0;
    const run = () => Promise.resolve(String((runs += 1)));
    const { toolbox } = aToolbox([aTool({ run })], 'finished');
    expect(await toolbox.use(request('clock'), never)).toBe('from before');
    expect(runs).toBe(0);
  });

  it.each([
    ['running', false, /outcome is unknown/],
    ['unknown', false, /outcome is unknown/],
    ['running', true, /^noon$/],
    ['failed', false, /^noon$/],
    ['confirmed', false, /^noon$/],
    ['declined', false, /from before/],
  ] as const)('what was %s (read-only: %s) ends in %s', async (was, isReadOnly, told) => {
    const { toolbox } = aToolbox([aTool({ isReadOnly })], was);
    expect(await toolbox.use(request('clock'), never)).toMatch(told);
  });

  it('tells the model of a failure and goes on', async () => {
    const run = () => Promise.reject(new ToolError('tool_failed', 'no such zone'));
    const { toolbox, ends } = aToolbox([aTool({ run })]);
    expect(await toolbox.use(request('clock'), never)).toBe('Tool failed: no such zone.');
    expect(ends).toEqual([['failed', 'Tool failed: no such zone.', 'tool_failed']]);
  });

  it('P8 tells the model nothing of a bug of ours', async () => {
    const run = () => Promise.reject(new TypeError('secret inside'));
    const { toolbox } = aToolbox([aTool({ run })]);
    expect(await toolbox.use(request('clock'), never)).toBe('Tool failed: an internal error.');
  });

  it.each([
    [true, 'failed'],
    [false, 'unknown'],
  ])('is not hung by a tool that hangs (read-only: %s)', async (isReadOnly, state) => {
    const run = () => new Promise<string>(() => undefined);
    const { toolbox, ends } = aToolbox([aTool({ run, isReadOnly, timeoutMs: 20 })]);
    expect(await toolbox.use(request('clock'), never)).toMatch(/did not answer in time/);
    expect(ends[0]?.[0]).toBe(state);
  });

  it('ends with the reason of whoever interrupts it', async () => {
    const run = () => new Promise<string>(() => undefined);
    const { toolbox, ends } = aToolbox([aTool({ run })]);
    const stop = new AbortController();
    const use = toolbox.use(request('clock'), stop.signal);
    await settled();
    stop.abort(new Error('stopped'));
    await expect(use).rejects.toThrow('stopped');
    expect(ends).toEqual([]);
  });

  it('asks a person first where the tool wants it', async () => {
    const { toolbox } = aToolbox([aTool({ asksFirst: true })]);
    await expect(toolbox.use(request('clock', '{"a":1}'), never)).rejects.toMatchObject({
      constructor: Suspension,
      asks: { tool: 'clock', args: { a: 1 } },
    });
  });

  describe('that is a question to the person', () => {
    const wish = '{"question":"Where?","choices":["Here","There"]}';
    it('stops with what is asked', async () => {
      const { toolbox } = aToolbox([askPerson]);
      await expect(toolbox.use(request('ask_person', wish), never)).rejects.toMatchObject({
        asks: { question: 'Where?', choices: ['Here', 'There'] },
        ask: { kind: 'form', choices: ['Here', 'There'] },
      });
    });

    it('has their answer as its result, as it may be read', async () => {
      const { toolbox } = aToolbox([askPerson], 'finished', 'call 13812345678');
      toolbox.hear((words) => words.replace(/\d+/, '***'));
      expect(await toolbox.use(request('ask_person', wish), never)).toBe('call ***');
    });

    it('says why when there is no answer', async () => {
      const { toolbox } = aToolbox([askPerson], 'declined', 'Tool failed: no answer.');
      expect(await toolbox.use(request('ask_person', wish), never)).toBe('Tool failed: no answer.');
    });

    it('asks nobody without a question', async () => {
      const { toolbox, wishes } = aToolbox([askPerson]);
      expect(await toolbox.use(request('ask_person', '{"choices":[]}'), never)).toMatch(
        /"question" is missing/,
      );
      expect(wishes).toEqual([]);
    });
  });

  it.each([
    ['a tool that is not there', request('rm'), /no tool "rm"/],
    ['arguments that are no JSON', request('clock', '{"a":'), /not a JSON object/],
    ['arguments that are no object', request('clock', '[1]'), /not a JSON object/],
  ])('P10 answers %s in words', async (_what, asked, told) => {
    const { toolbox, wishes } = aToolbox([aTool()]);
    expect(await toolbox.use(asked, never)).toMatch(told);
    expect(wishes).toEqual([]);
  });

  it('says in one line what is being done, without the server’s name', () => {
    expect(aToolbox([]).toolbox.describe(request('crm__find_customer'))).toBe(
      'using find_customer',
    );
  });
});
