import { Injectable } from '@nestjs/common';

import { Incarnation, LEASE_MS } from '@common/bootstrap';
import { Clock } from '@common/kernel';
import { Database } from '@common/persistence';

/** Which gateways beat in Postgres: asked while Redis cannot tell. */
@Injectable()
export class GatewayRowsRepository {
  private readonly bornAtMs: number;

  constructor(
    private readonly database: Database,
    private readonly incarnation: Incarnation,
    private readonly clock: Clock,
  ) {
    this.bornAtMs = clock.now();
  }

  /** Undefined while the rows prove nothing: after Postgres was away, the living look dead. @throws when it is away */
  async alive(): Promise<string[] | undefined> {
    const isNew = this.clock.now() - this.bornAtMs < LEASE_MS;
    if (!isNew && !this.incarnation.mayTakeOver()) return undefined;
    const rows = await this.database.platformOnce<{ id: string }>({
      name: 'gateways.alive',
      text: `SELECT id FROM incarnation WHERE service = 'gateway' AND stopped_at IS NULL
               AND seen_at > now() - interval '${LEASE_MS} milliseconds'`,
    });
    return rows.map(({ id }) => id);
  }
}
