/** How often a card is updated: an answer costs at most 8 (`balanced`) or 4 (`thrifty`) calls, `off` does not stream. */
export const cardPaces = ['smooth', 'balanced', 'thrifty', 'off'] as const;
export type CardPace = (typeof cardPaces)[number];

/** What an asker sees at once, before card or text: nothing, or a "thinking" on the question. */
export const acknowledgements = ['none', 'reaction'] as const;
export type Acknowledgement = (typeof acknowledgements)[number];

export const busyPolicies = ['queue', 'collect', 'steer'] as const;
export type BusyPolicy = (typeof busyPolicies)[number];

/** `person`: everybody has an own context; `group`: a conversation shares one. */
export const sessionScopes = ['person', 'group'] as const;
export type SessionScope = (typeof sessionScopes)[number];

export const channelStates = [
  'disabled',
  'connecting',
  'connected',
  'degraded',
  'disconnected',
  'bad_credentials',
  'misconfigured',
] as const;
export type ChannelState = (typeof channelStates)[number];

/** What a gateway knows of one channel's connection, for people and machines alike. */
export interface ConnectionReport {
  readonly state: ChannelState;
  /** Stable machine code, e.g. `connected`, `auth_failed`, `not_in_stream_mode`. */
  readonly code: string;
  /** One sentence that says what is. */
  readonly message: string;
  /** One sentence that says what the administrator can do; null when nothing is needed. */
  readonly userAction: string | null;
  /** Milliseconds since the epoch; null while not connected. */
  readonly connectedAtMs: number | null;
  readonly lastError: {
    readonly code: string;
    readonly message: string;
    readonly atMs: number;
  } | null;
}

export interface CardSettings {
  readonly enabled: boolean;
  /** Unset: the public template of messaging reference §6.2. */
  readonly templateId?: string | undefined;
  /** The streaming variable of the template. */
  readonly contentKey?: string | undefined;
  readonly pace: CardPace;
  /** The line under answers, in cards and messages, that says who made them. Unset: "AI-generated"; empty: none. */
  readonly aiMark?: string | undefined;
  /** An own template has buttons that follow the variable `carillonState` (`running`, `done`, `failed`). */
  readonly buttons?: boolean | undefined;
  /** Unset: `none`. Works without cards, too. */
  readonly acknowledge?: Acknowledgement | undefined;
}
