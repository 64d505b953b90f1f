import { codeOf } from '@common/kernel';

import type { ClaimedTurn } from '../generation/claimed-turn';
import type { ToolRequest, ToolSpec } from '../models/model-provider.port';
import { type Asking, Suspension } from './suspension';
import type { Tool } from './tool';
import type { BegunCall, ToolCallRepository } from './tool-call.repository';
import { ToolError } from './tool.errors';
import { Toolbox } from './toolbox.port';

/** What a model is given of one result. */
const MAX_RESULT = 32_000;

/** The tools of one turn. Every use is a row first (design §3.3). */
export class TurnToolbox extends Toolbox {
  private readonly tools: ReadonlyMap<string, Tool>;
  private readonly counts = new Map<string, number>();
  private heard = (words: string): string => words;

  constructor(
    private readonly turn: ClaimedTurn,
    tools: readonly Tool[],
    private readonly calls: ToolCallRepository,
    readonly maxSteps: number,
    private readonly say: (tool: string) => string,
  ) {
    super();
    this.tools = new Map(tools.map((tool) => [tool.spec.name, tool]));
  }

  get specs(): readonly ToolSpec[] {
    return [...this.tools.values()].map(({ spec }) => spec);
  }

  describe({ name }: ToolRequest): string {
    return this.say(name.replace(/^.*?__/, ''));
  }

  recall(requests: readonly ToolRequest[]): void {
    for (const request of requests) {
      const args = argumentsOf(request);
      if (args) this.countOf(request.name, args);
    }
  }

  hear(through: (words: string) => string): void {
    this.heard = through;
  }

  async use(request: ToolRequest, signal: AbortSignal): Promise<string> {
    const tool = this.tools.get(request.name);
    if (!tool) return failure(`there is no tool "${request.name.slice(0, 100)}"`);
    const args = argumentsOf(request);
    if (!args) return failure('the arguments are not a JSON object');
    const asks = askingOf(tool, args);
    if (typeof asks === 'string') return failure(asks);
    const begun = await this.begin(tool, args);
    const { result } = begun;
    if (begun.was === 'finished') return tool.formOf ? this.heard(result ?? '') : (result ?? '');
    if (begun.was === 'declined') return result ?? failure('the person did not agree to this');
    if (begun.was === 'unknown' || (begun.was === 'running' && !tool.isReadOnly))
      return failure('it was begun before and its outcome is unknown; it is not repeated');
    if (begun.was === 'asked' || (begun.was === 'new' && tool.asksFirst))
      throw new Suspension(begun.id, asks);
    return this.run(tool, begun, args, signal);
  }

  private begin(tool: Tool, args: Readonly<Record<string, unknown>>): Promise<BegunCall> {
    const { name } = tool.spec;
    const n = this.countOf(name, args);
    const { isReadOnly, asksFirst } = tool;
    return this.calls.begin(this.turn, { name, args, n, isReadOnly, asksFirst });
  }

  private countOf(name: string, args: Readonly<Record<string, unknown>>): number {
    const same = `${name} ${JSON.stringify(args)}`;
    const n = (this.counts.get(same) ?? 0) + 1;
    this.counts.set(same, n);
    return n;
  }

  private async run(
    tool: Tool,
    { id }: BegunCall,
    args: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<string> {
    const timeout = AbortSignal.timeout(tool.timeoutMs);
    const either = AbortSignal.any([signal, timeout]);
    try {
      const result = (await unlessAborted(tool.run(args, either), either)).slice(0, MAX_RESULT);
      await this.calls.end(this.turn, id, 'finished', result);
      return result;
    } catch (error) {
      signal.throwIfAborted();
      const told = timeout.aborted ? 'it did not answer in time' : wordsOf(error);
      const code = timeout.aborted ? 'tool_timeout' : codeOf(error);
      // What hung may have happened all the same.
      const state = timeout.aborted && !tool.isReadOnly ? 'unknown' : 'failed';
      await this.calls.end(this.turn, id, state, failure(told), code);
      return failure(told);
    }
  }
}

/** What a person would be asked; in words why they cannot be. */
function askingOf(tool: Tool, args: Readonly<Record<string, unknown>>): Asking | string {
  try {
    return tool.formOf?.(args) ?? { tool: tool.spec.name, args };
  } catch (error) {
    return wordsOf(error);
  }
}

const failure = (why: string): string => `Tool failed: ${why}.`;

/** Only what a tool itself said goes to the model; a bug of ours is nobody's business there. */
const wordsOf = (error: unknown): string =>
  error instanceof ToolError ? error.message : 'an internal error';

function argumentsOf({ argumentsJson }: ToolRequest): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(argumentsJson);
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
    return isObject ? (parsed as Record<string, unknown>) : null;
  } catch {
    // The model is told, and writes it anew.
    return null;
  }
}

/** Rejects with the signal's reason even when the work never ends: a tool that hangs must not hang the turn. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
