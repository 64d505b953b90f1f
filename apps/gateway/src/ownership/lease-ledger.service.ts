import { Inject, Injectable } from '@nestjs/common';
import type Redis from 'ioredis';

import { Incarnation, LEASE_MS, SHARED_REDIS } from '@common/bootstrap';
import { newId } from '@common/kernel';
import { RedisKeys } from '@common/redis';

import type { Claim, Lease, LedgerState, Release } from './lease';
import { leaseLedgerLua } from './lease-ledger.lua';

type Flat = readonly string[];
type LedgerRedis = Redis & {
  carillonLeases(
    ...keysAndArguments: (string | number)[]
  ): Promise<[now: string, epoch: string, version: string, members: Flat, leases: Flat | null]>;
};

export interface Exchange {
  /** `in`: shares the channels. `out`: wants to leave and holds on until others have taken over. */
  readonly mode: 'in' | 'out';
  readonly claims: readonly Claim[];
  readonly releases: readonly Release[];
}

/** The leases of all gateways in Redis: one round trip per beat, whatever the number of channels. */
@Injectable()
export class LeaseLedger {
  private readonly redis: LedgerRedis;
  private epoch = '';
  private version = '';
  private leases: ReadonlyMap<string, Lease> = new Map();

  constructor(
    @Inject(SHARED_REDIS) redis: Redis,
    private readonly keys: RedisKeys,
    private readonly incarnation: Incarnation,
  ) {
    redis.defineCommand('carillonLeases', { numberOfKeys: 4, lua: leaseLedgerLua });
    this.redis = redis as LedgerRedis;
  }

  /** Beats, changes what may be changed, and tells how things stand after that. @throws when Redis is away */
  exchange({ mode, claims, releases }: Exchange): Promise<LedgerState> {
    return this.run(mode, [
      claims.length,
      ...claims.flatMap(({ seat, replaces, sinceMs }) => [seat, replaces ?? '', sinceMs]),
      ...releases.flatMap(({ seat, token }) => [seat, token]),
    ]);
  }

  /** Strikes this gateway off with everything it holds. @throws when Redis is away */
  async leave(): Promise<void> {
    await this.run('gone', [0]);
  }

  private async run(mode: string, changes: readonly (string | number)[]): Promise<LedgerState> {
    const { members, leases, epoch, version } = this.keys.gateways;
    const answer = await this.redis.carillonLeases(
      ...[members, leases, epoch, version],
      ...[this.incarnation.id, mode, LEASE_MS, newId(), this.epoch, this.version, ...changes],
    );
    const nowMs = Number(answer[0]);
    [, this.epoch, this.version] = answer;
    if (answer[4]) this.leases = leasesOf(answer[4]);
    return {
      nowMs,
      epoch: this.epoch,
      members: pairsOf(answer[3]).map(([id, text]) => {
        const [seenMs, how] = text.split(' ');
        return { id, isLeaving: how === 'out', seenAgoMs: nowMs - Number(seenMs) };
      }),
      leases: this.leases,
    };
  }
}

/** One text for each holder: thousands of leases name the same few. */
function leasesOf(flat: Flat): ReadonlyMap<string, Lease> {
  const holders = new Map<string, string>();
  return new Map(
    pairsOf(flat).map(([seat, text]) => {
      const [name = '', ...numbers] = text.split(' ');
      const holder = holders.get(name) ?? name;
      holders.set(holder, holder);
      const [token = 0, sinceMs = 0, grantedAtMs = 0] = numbers.map(Number);
      return [seat, { holder, token, sinceMs, grantedAtMs }];
    }),
  );
}

function pairsOf(flat: Flat): [string, string][] {
  return flat.flatMap((key, i) =>
    i % 2 === 0 ? [[key, flat[i + 1] ?? ''] as [string, string]] : [],
  );
}
