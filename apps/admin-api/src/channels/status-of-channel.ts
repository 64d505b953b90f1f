import type { ChannelState } from '@common/domain';

import { iso, isoOrNull } from '../http/wire';
import type { AllowanceReport } from '../organizations/allowance-report';
import type { ChannelStatus } from './channel-status.dto';
import { type PendingColumns, viewOfPending } from './channel-view';

/** What one live gateway says of the channel's connection. */
export interface Report {
  readonly gateway_id: string;
  readonly state: ChannelState;
  readonly code: string;
  readonly message: string;
  readonly user_action: string | null;
  readonly connected_at: Date | null;
  readonly last_error: { code: string; message: string; at?: string; atMs?: number } | null;
  readonly changed_at: Date;
  readonly seen_at: Date;
  readonly is_live: boolean;
}

export interface Notice {
  readonly code: string;
  readonly message: string;
  readonly user_action: string | null;
  readonly at: Date;
}

export interface StatusFacts extends PendingColumns {
  readonly enabled: boolean;
  readonly reports: readonly Report[];
  readonly notices: readonly Notice[];
  /** Null: the channel belongs to no organisation. */
  readonly allowance: AllowanceReport | null;
  readonly lastMessageAt: Date | null;
  readonly lastAnswerAt: Date | null;
  /** Since when the platform refuses Stream connections of this app; null: it does not. */
  readonly refusedStreamSince: Date | null;
  /** By the clock of the database, as all the times above. */
  readonly now: Date;
}

/** From best to worst: one gateway that is connected is enough. */
const RANK: readonly ChannelState[] = [
  'connected',
  'degraded',
  'connecting',
  'bad_credentials',
  'misconfigured',
  'disconnected',
  'disabled',
];

/** What an administrator reads (P9): what live gateways say, or that none does. */
export function statusOfChannel(facts: StatusFacts): ChannelStatus {
  const live = facts.reports.filter((report) => report.is_live).sort(byRank);
  const best = live[0];
  const shared = {
    lastError: lastErrorOf(live.length > 0 ? live : facts.reports),
    lastMessageAt: isoOrNull(facts.lastMessageAt),
    lastAnswerAt: isoOrNull(facts.lastAnswerAt),
    connections: live.filter(isOpen).map((report) => ({
      gatewayId: report.gateway_id,
      since: iso(report.connected_at ?? report.changed_at),
    })),
    allowance: facts.allowance ?? {},
    pendingSecret: viewOfPending(facts),
  };
  if (!facts.enabled) return { ...DISABLED, ...NOT_CONNECTED, ...shared, asOf: iso(facts.now) };
  if (!best) return { ...SILENT, ...NOT_CONNECTED, ...shared, asOf: iso(facts.now) };
  return {
    ...saidOf(isOverHttp(best, facts) ? { ...best, ...OVER_HTTP } : best, facts.notices),
    connectedAt: isOpen(best) ? isoOrNull(best.connected_at) : null,
    uptimeSeconds: isOpen(best) ? secondsSince(best.connected_at, facts.now) : null,
    ...shared,
    asOf: iso(best.seen_at),
  };
}

const DISABLED = {
  state: 'disabled',
  code: 'disabled',
  message: 'The channel is switched off.',
  userAction: 'Enable it to take messages again.',
} as const;
const SILENT = {
  state: 'disconnected',
  code: 'gateway_silent',
  message: 'No gateway reports on this channel.',
  userAction: 'Check that at least one gateway is running and reaches the database.',
} as const;
const OVER_HTTP = {
  state: 'connected',
  code: 'http_callbacks',
  message: 'Messages of this app arrive by HTTP callback; it does not use Stream mode.',
  user_action: null,
} as const;
const NOT_CONNECTED = { connectedAt: null, uptimeSeconds: null };

/** A notice makes a connected channel a degraded one, in the notice's words. */
/** An allowance that runs low has a report of its own; a reaction that is refused costs nobody an answer. */
const NO_FAULTS = new Set(['allowance_low', 'reaction_refused']);

function saidOf(
  report: Report,
  notices: readonly Notice[],
): Pick<ChannelStatus, 'state' | 'code' | 'message' | 'userAction'> {
  const notice = notices.find(({ code }) => !NO_FAULTS.has(code));
  const isDegraded = notice !== undefined && report.state === 'connected';
  const { code, message, user_action: userAction } = isDegraded ? notice : report;
  return { state: isDegraded ? 'degraded' : report.state, code, message, userAction };
}

/** While the platform refuses Stream connections of an app, a message has one way left to have come. */
const isOverHttp = (
  { code }: Report,
  { refusedStreamSince, lastMessageAt }: StatusFacts,
): boolean =>
  code === 'not_in_stream_mode' &&
  refusedStreamSince !== null &&
  lastMessageAt !== null &&
  lastMessageAt > refusedStreamSince;

const isOpen = ({ state }: Report): boolean => state === 'connected' || state === 'degraded';

const byRank = (one: Report, other: Report): number =>
  RANK.indexOf(one.state) - RANK.indexOf(other.state) ||
  other.seen_at.getTime() - one.seen_at.getTime();

function lastErrorOf(reports: readonly Report[]): ChannelStatus['lastError'] {
  const errors = reports.flatMap(({ last_error: error, changed_at }) =>
    error
      ? [{ code: error.code, message: error.message, at: iso(timeOf(error) ?? changed_at) }]
      : [],
  );
  return errors.sort((one, other) => other.at.localeCompare(one.at))[0] ?? null;
}

function timeOf({ at, atMs }: { at?: string; atMs?: number }): Date | null {
  const time = new Date(atMs ?? at ?? Number.NaN);
  return Number.isNaN(time.getTime()) ? null : time;
}

const secondsSince = (since: Date | null, now: Date): number | null =>
  since === null ? null : Math.max(0, Math.floor((now.getTime() - since.getTime()) / 1_000));
