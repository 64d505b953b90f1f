import type { Usage } from '../agents/usage-tally';
import type { ModelMessage, ToolRequest } from '../models/model-provider.port';

/** Where a conversation stopped to ask a person; the next attempt goes on from here. */
export interface Pause {
  readonly messages: readonly ModelMessage[];
  /** Wishes of the model that are not fulfilled yet; the first one is what is asked about. */
  readonly open: readonly ToolRequest[];
  /** Words that were shown, without what was only thought. */
  readonly said: string;
}

/** The turn waits for a person: not an error, but it ends the attempt. */
export class Suspension extends Error {
  pause: Pause | null = null;
  usage: Usage | null = null;
  modelId: string | null = null;

  constructor(
    readonly callId: string,
    /** What the person is asked to agree to. */
    readonly question: { readonly tool: string; readonly args: Readonly<Record<string, unknown>> },
  ) {
    super('the turn waits for a confirmation');
  }
}
