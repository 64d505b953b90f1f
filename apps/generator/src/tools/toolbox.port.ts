import type { ToolRequest, ToolSpec } from '../models/model-provider.port';

/** The tools one attempt may use. */
export abstract class Toolbox {
  abstract readonly specs: readonly ToolSpec[];
  /** Steps of asking and using before the model has to answer. */
  abstract readonly maxSteps: number;

  /** What is being done, in one line for the person who asked. */
  abstract describe(request: ToolRequest): string;

  /** Calls that an earlier attempt made before it paused: the same call is another one now. */
  abstract recall(requests: readonly ToolRequest[]): void;

  /** What a person answers goes through this before a model reads it. */
  abstract hear(through: (words: string) => string): void;

  /**
   * Uses a tool and says what came of it, for the model to read. A tool that fails or hangs is told as such: it does not
   * end the answer.
   * @throws Suspension when a person has to agree first
   * @throws the signal's reason when aborted
   */
  abstract use(request: ToolRequest, signal: AbortSignal): Promise<string>;
}
