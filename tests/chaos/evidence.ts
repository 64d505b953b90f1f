import { eventually } from '../system/support/eventually';
import type { ChatEntry, SandboxCard } from '../system/support/sandbox-client';
import type { Installation } from '../system/support/installation';
import type { Crowd, Question } from './crowd';

/** One turn as Postgres has it. */
export interface TurnRow {
  readonly id: string;
  readonly msgId: string;
  readonly thread_id: string;
  readonly session_id: string;
  readonly seq: number;
  readonly state: string;
  readonly outcome: string | null;
  readonly attempt: number;
  readonly activated_at: Date | null;
  readonly ended_at: Date | null;
  readonly delivery_state: string | null;
  /** Why it is on the desk of what could not be delivered. */
  readonly delivery_code: string | null;
  readonly possibly_twice: boolean;
}

/** Everything that was recorded of a run, by the platform, the model and Postgres. */
export interface Evidence {
  readonly questions: readonly Question[];
  /** Whether the platform holds the push for acknowledged, by message id. */
  readonly acknowledged: ReadonlyMap<string, boolean>;
  readonly turns: readonly TurnRow[];
  readonly entries: ReadonlyMap<string, readonly ChatEntry[]>;
  readonly openCards: readonly SandboxCard[];
  /** What each model request contained, message by message. */
  readonly modelRequests: readonly (readonly string[])[];
  readonly calls: readonly {
    readonly name: string;
    readonly status: number;
    readonly code?: string;
    readonly faultId?: string;
    readonly outTrackId?: string;
    /** The last frame of a card. */
    readonly isFinalize?: boolean;
  }[];
  readonly violations: readonly { readonly kind: string; readonly detail: unknown }[];
  readonly openRows: string;
  readonly channelStates: readonly string[];
  readonly unexpectedEnds: readonly string[];
  readonly logLines: readonly string[];
  readonly secrets: readonly string[];
  readonly pauses: number;
}

export async function gather(
  installation: Installation,
  crowd: Crowd,
  happened: { readonly unexpectedEnds: readonly string[]; readonly pauses: number },
): Promise<Evidence> {
  const { sandbox } = installation;
  const entries = new Map<string, readonly ChatEntry[]>();
  for (const { conversationId } of crowd.questions)
    if (!entries.has(conversationId))
      entries.set(conversationId, await sandbox.entries(conversationId));
  const acknowledged = new Map<string, boolean>();
  for (const { clientId } of crowd.bots)
    for (const { key, state } of await sandbox.deliveries(clientId))
      acknowledged.set(key, state === 'acked' || acknowledged.get(key) === true);
  const states = crowd.bots.map(({ channelId }) => stateInTheEnd(installation, channelId));
  return {
    ...happened,
    questions: crowd.questions,
    acknowledged,
    turns: await installation.schema.query<TurnRow>(TURNS),
    entries,
    openCards: await sandbox.openCards(),
    modelRequests: installation.model.requests.map(({ messages }) =>
      messages.map(({ content }) => textOf(content)),
    ),
    calls: await sandbox.calls(),
    violations: await sandbox.violations(),
    openRows: (await installation.schema.query<{ open: string }>(OPEN))[0]?.open ?? '',
    channelStates: await Promise.all(states),
    logLines: installation.services.flatMap(({ lines }) => lines),
    secrets: [installation.adminKey, installation.masterKeys.split(':')[1] ?? ''],
  };
}

/** What stays away is a finding; a gateway may have noticed a dead connection this very moment. */
async function stateInTheEnd({ admin }: Installation, channelId: string): Promise<string> {
  const healthy = async () => {
    const { state } = await admin.status(channelId);
    return (state === 'connected' || state === 'degraded') && state;
  };
  return eventually('the channel is well', healthy).catch(
    async () => (await admin.status(channelId)).state,
  );
}

const textOf = (content: unknown): string =>
  typeof content === 'string' ? content : JSON.stringify(content);

const TURNS = `
SELECT t.id, e.platform_message_id AS "msgId", t.thread_id, t.session_id, t.seq::int AS seq, t.state, t.outcome, t.attempt,
       t.activated_at, t.ended_at, d.state AS delivery_state, d.error_code AS delivery_code,
       EXISTS (SELECT 1 FROM delivery_piece p WHERE p.delivery_id = d.id AND p.possibly_twice) AS possibly_twice
  FROM inbound_event e JOIN turn t ON t.id = e.turn_id
  LEFT JOIN LATERAL (SELECT * FROM delivery x WHERE x.turn_id = t.id ORDER BY x.created_at DESC LIMIT 1) d ON true
 WHERE e.kind = 'message'
 ORDER BY t.thread_id, t.seq`;

/** Rows that are not at their end: none when everything is quiet. */
export const OPEN = `
SELECT concat_ws(' ',
  (SELECT count(*) || ' events' FROM inbound_event WHERE state = 'pending' HAVING count(*) > 0),
  (SELECT count(*) || ' turns' FROM turn WHERE ended_at IS NULL HAVING count(*) > 0),
  (SELECT count(*) || ' deliveries' FROM delivery WHERE state = 'open' HAVING count(*) > 0),
  (SELECT count(*) || ' card debts' FROM delivery WHERE card_state = 'debt' HAVING count(*) > 0)) AS open`;
