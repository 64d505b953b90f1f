import { type Incarnation, LEASE_MS, Metrics } from '@common/bootstrap';
import { Secret } from '@common/config';
import type { Announcer } from '@common/contracts';
import type { ConnectionReport } from '@common/domain';
import { anId, ManualClock, RecordingLogger, standIn } from '@common/testing';

import type { RosterChannel } from '../src/channels/channel-roster.repository';
import type { ChannelRoster } from '../src/channels/channel-roster.service';
import type { ConnectionKeeper } from '../src/connections/connection-keeper.service';
import type { GatewayConfig } from '../src/gateway.config';
import { ChannelSpread } from '../src/ownership/channel-spread.service';
import type { GatewayRowsRepository } from '../src/ownership/gateway-rows.repository';
import type { Lease, LedgerState } from '../src/ownership/lease';
import type { Exchange, LeaseLedger } from '../src/ownership/lease-ledger.service';
import { LeaseRounds } from '../src/ownership/lease-rounds.service';
import { OwnershipMetrics } from '../src/ownership/ownership-metrics.service';
import type { SingleConnection } from '../src/ownership/single-connection.service';

const CONNECT_MS = 100;

/** What the script does in Redis, in memory: see lease-ledger.lua.ts and its e2e spec. */
class Ledger {
  isAway = false;
  private epoch = 1;
  private token = 0;
  private members = new Map<string, { seenMs: number; mode: string }>();
  leases = new Map<string, Lease>();

  constructor(private readonly clock: ManualClock) {}

  wipe(): void {
    this.epoch += 1;
    this.members = new Map();
    this.leases = new Map();
  }

  exchange(me: string, { mode, claims, releases }: Exchange): LedgerState {
    if (this.isAway) throw new Error('away');
    const now = this.clock.now();
    for (const [id, { seenMs }] of this.members)
      if (id !== me && now - seenMs > LEASE_MS) this.strike(id);
    this.members.set(me, { seenMs: now, mode });
    for (const { seat, replaces, sinceMs } of claims)
      if ((this.leases.get(seat)?.token ?? null) === replaces)
        this.leases.set(seat, {
          ...{ holder: me, token: (this.token += 1), sinceMs, grantedAtMs: now },
        });
    for (const { seat, token } of releases)
      if (this.leases.get(seat)?.token === token) this.leases.delete(seat);
    return {
      nowMs: now,
      epoch: `epoch ${this.epoch}`,
      members: [...this.members].map(([id, member]) => ({
        id,
        isLeaving: member.mode === 'out',
        seenAgoMs: now - member.seenMs,
      })),
      leases: new Map(this.leases),
    };
  }

  strike(id: string): void {
    this.members.delete(id);
    for (const [seat, { holder }] of this.leases) if (holder === id) this.leases.delete(seat);
  }
}

/** The streams of one gateway, without a network: each takes a moment to connect and to close. */
class Streams {
  readonly reports = new Map<string, ConnectionReport>();
  /** Channels that this gateway cannot connect. */
  readonly unreachable = new Set<string>();
  /** Everything that happened, in order. */
  readonly log: string[] = [];
  beforeOpening: () => Promise<void> = () => Promise.resolve();
  private onChange: (id: string) => void = () => undefined;

  constructor(private readonly clock: ManualClock) {}

  get connecting(): string[] {
    return [...this.reports].filter(([, { state }]) => state === 'connecting').map(([id]) => id);
  }

  get connected(): string[] {
    return [...this.reports].filter(([, { state }]) => state === 'connected').map(([id]) => id);
  }

  get keeper(): ConnectionKeeper {
    const { reports } = this;
    return standIn<ConnectionKeeper>({
      start: (onChange, beforeOpening) => {
        this.onChange = onChange;
        this.beforeOpening = beforeOpening;
      },
      get channelIds() {
        return [...reports.keys()];
      },
      reportOf: (id) => reports.get(id),
      renew: () => false,
      open: ({ id }) => void this.open(id),
      close: (id) => this.close(id),
      stop: async () => {
        await Promise.all([...reports.keys()].map((id) => this.close(id)));
      },
    });
  }

  private async open(id: string): Promise<void> {
    if (this.reports.has(id)) return;
    this.log.push(`open ${id}`);
    this.reports.set(id, aReport('connecting', null));
    await this.clock.sleep(CONNECT_MS);
    if (!this.reports.has(id) || this.unreachable.has(id)) return;
    this.reports.set(id, aReport('connected', this.clock.now()));
    this.onChange(id);
  }

  private close(id: string): Promise<void> {
    if (this.reports.delete(id)) this.log.push(`close ${id}`);
    this.onChange(id);
    return Promise.resolve();
  }
}

const aReport = (
  state: ConnectionReport['state'],
  connectedAtMs: number | null,
): ConnectionReport => ({
  ...{ state, code: state, message: '', userAction: null, connectedAtMs, lastError: null },
});

export const aRosterChannel = (word: string, connections = 1): RosterChannel => ({
  id: anId(word),
  tenantId: anId('tenant'),
  clientId: word,
  clientSecret: new Secret('s'),
  endpoint: null,
  scope: 'person',
  connections,
  connectionKey: word,
  previousKey: null,
});

export interface AGateway {
  readonly id: string;
  readonly spread: ChannelSpread;
  readonly streams: Streams;
  readonly metrics: Metrics;
  /** As if its process were killed, or stopped until `thaw`. */
  freeze(): void;
  thaw(): void;
}

/** Some gateways over one ledger and one list of channels, on one clock. */
export class Gateways {
  readonly clock = new ManualClock();
  readonly ledger = new Ledger(this.clock);
  readonly all: AGateway[] = [];
  /** Whom Postgres names; null: it is away. */
  rows: string[] | 'hangs' | null = null;
  channels = Array.from({ length: 30 }, (_, n) => aRosterChannel(`channel ${n}`));
  private readonly hearers: (() => void)[] = [];

  start(word: string): AGateway {
    const { clock } = this;
    const id = anId(word);
    const streams = new Streams(clock);
    const metrics = new Metrics('spec');
    const own = new OwnershipMetrics(metrics);
    const logger = new RecordingLogger();
    let frozen = Promise.resolve();
    let thaw: () => void = () => undefined;
    const freeze = (): void => void (frozen = new Promise((resolve) => (thaw = resolve)));
    const ledger = standIn<LeaseLedger>({
      exchange: async (exchange) => {
        await frozen;
        return this.ledger.exchange(id, exchange);
      },
      leave: () => Promise.resolve(this.ledger.strike(id)),
    });
    const rows = standIn<GatewayRowsRepository>({
      alive: () => this.alive(),
    });
    const announcer = standIn<Announcer>({
      announce: () => {
        this.hearers.forEach((hear) => hear());
        return Promise.resolve();
      },
    });
    const incarnation = standIn<Incarnation>({ id });
    const rounds = new LeaseRounds(ledger, rows, announcer, incarnation, own, clock, logger);
    this.hearers.push(() => rounds.soon());
    const roster = this.roster();
    const config = standIn<GatewayConfig>({ SHUTDOWN_DEADLINE_MS: 25_000 });
    const spread = new ChannelSpread(
      ...([roster, streams.keeper, rounds, this.single, own] as const),
      ...([config, clock, logger] as const),
    );
    spread.start();
    const gateway = { id, spread, streams, metrics, freeze, thaw: () => thaw() };
    this.all.push(gateway);
    return gateway;
  }

  /** How many of the gateways are connected, per channel. */
  connections(of: readonly AGateway[] = this.all): number[] {
    return this.channels.map(
      ({ id }) => of.filter(({ streams }) => streams.connected.includes(id)).length,
    );
  }

  /** Lets time pass and looks at every moment. @returns the fewest connections that any channel ever had */
  async leastWhile(ms: number): Promise<number> {
    let least = Math.min(...this.connections());
    for (let passed = 0; passed < ms; passed += 50) {
      await this.clock.pass(50);
      least = Math.min(least, ...this.connections());
    }
    return least;
  }

  private alive(): Promise<string[]> {
    if (this.rows === 'hangs') return new Promise(() => undefined);
    return this.rows ? Promise.resolve(this.rows) : Promise.reject(new Error('away'));
  }

  /** See single-connection.service.spec.ts. */
  private readonly single = standIn<SingleConnection>({
    noteState: () => undefined,
    compare: () => undefined,
  });

  private roster(): ChannelRoster {
    const channels = (): ReadonlyMap<string, RosterChannel> =>
      new Map(this.channels.map((channel) => [channel.id, channel]));
    return standIn<ChannelRoster>({
      get channels() {
        return channels();
      },
      start: (onRead) => {
        onRead();
        this.hearers.push(onRead);
      },
      readSoon: () => undefined,
      stop: () => Promise.resolve(),
    });
  }

  /** The list has changed, and everybody has read it. */
  changed(): void {
    this.hearers.forEach((hear) => hear());
  }
}
