import type { Locale } from '@common/domain';

import type { Pairing } from './asker';

/** What Postgres knows of one person in one channel and thread; the same from `lane_next` and when it is asked for. */
export interface AskerRow {
  readonly name: string;
  readonly role: string;
  readonly attributes: {
    readonly departments?: unknown;
    readonly roles?: unknown;
    readonly orgAdmin?: unknown;
  };
  readonly locale: Locale | null;
  readonly agent_id: string | null;
  readonly model_id: string | null;
  readonly pairing: Pairing | null;
  readonly welcomed: boolean | null;
  readonly minute_questions: number;
  readonly minute_commands: number;
  readonly day_questions: number;
  readonly queued: number;
}
