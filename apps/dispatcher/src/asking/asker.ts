import type { Locale } from '@common/domain';

export type Pairing = 'pending' | 'approved' | 'denied';

/** Who is asking, and how they stand in this channel. */
export interface Asker {
  readonly memberId: string;
  readonly name: string;
  readonly isAdmin: boolean;
  /** `admin` or `member`, and whatever the directory calls them. */
  readonly roles: readonly string[];
  readonly departments: readonly string[];
  /** What they chose for themselves; else the channel's. */
  readonly locale: Locale;
  /** What they chose; null: the channel decides. It may be deleted by now. */
  readonly agentId: string | null;
  readonly modelId: string | null;
  readonly pairing: Pairing | null;
  readonly wasWelcomed: boolean;
  /** Of the person in this channel, in the present minute and on the present day. */
  readonly taken: {
    readonly minuteQuestions: number;
    readonly minuteCommands: number;
    readonly dayQuestions: number;
  };
  /** Of everybody in this channel; zero where it has no limit. */
  readonly channelTaken: { readonly minute: number; readonly day: number };
  /** Turns of this thread that wait. */
  readonly queued: number;
}
