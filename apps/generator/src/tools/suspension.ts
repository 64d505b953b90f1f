import type { Ask } from '@common/domain';

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

/** A person is asked to agree to the use of a tool, or something that the agent wants to know. */
export type Asking =
  { readonly tool: string; readonly args: Readonly<Record<string, unknown>> } | Form;

export interface Form {
  readonly question: string;
  /** Empty: words of their own. */
  readonly choices: readonly string[];
}

/** The turn waits for a person: not an error, but it ends the attempt. */
export class Suspension extends Error {
  pause: Pause | null = null;
  usage: Usage | null = null;
  modelId: string | null = null;

  /** What the person reads. */
  question = '';

  constructor(
    readonly callId: string,
    readonly asks: Asking,
  ) {
    super('the turn waits for a person');
  }

  /** For the buttons of a card. */
  get ask(): Ask {
    return 'tool' in this.asks ? { kind: 'confirm' } : { kind: 'form', choices: this.asks.choices };
  }
}
