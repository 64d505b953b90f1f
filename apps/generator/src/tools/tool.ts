import type { ToolSpec } from '../models/model-provider.port';
import type { Form } from './suspension';

/** A tool as one turn may use it. */
export interface Tool {
  readonly spec: ToolSpec;
  /** Repeating it does no harm. */
  readonly isReadOnly: boolean;
  /** A person has to agree first. */
  readonly asksFirst: boolean;
  readonly timeoutMs: number;
  /** The tool is a question to the person; their answer is its result. @throws ToolError */
  readonly formOf?: (args: Readonly<Record<string, unknown>>) => Form;
  /** Rejects when the tool fails. */
  run(args: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<string>;
}
