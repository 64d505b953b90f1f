import { Injectable } from '@nestjs/common';

import { Secret } from '@common/config';
import type { SessionScope } from '@common/domain';
import { codeOf, SecretBox } from '@common/kernel';
import { Logger } from '@common/logging';
import { Database } from '@common/persistence';

/** A channel that should be connected. */
export interface RosterChannel {
  readonly id: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: Secret;
  readonly scope: SessionScope;
  /** How many gateways should be connected at a time: 1 or 2. */
  readonly connections: number;
  /** Changes when the connection must be opened anew; anything else may change without. */
  readonly connectionKey: string;
  /** The key before a new secret was tried and taken: a connection that was opened with it may stay. Null: none. */
  readonly previousKey: string | null;
}

interface Row {
  id: string;
  tenant_id: string;
  client_id: string;
  client_secret: Buffer;
  previous_secret: Buffer | null;
  scope: SessionScope | null;
  connections: number;
}

/** The channels that should be connected, read from Postgres. */
@Injectable()
export class ChannelRosterRepository {
  constructor(
    private readonly database: Database,
    private readonly secrets: SecretBox,
    private readonly logger: Logger,
  ) {}

  async enabled(): Promise<RosterChannel[]> {
    const rows = await this.database.acrossTenantsOnce<Row>('reconcile', {
      name: 'roster',
      text: ROSTER,
    });
    return rows.flatMap((row) => this.open(row));
  }

  /** A secret that cannot be opened costs its own channel only (P10). */
  private open(row: Row): RosterChannel[] {
    try {
      return [
        {
          id: row.id,
          tenantId: row.tenant_id,
          clientId: row.client_id,
          clientSecret: new Secret(this.secrets.openText(row.client_secret)),
          scope: row.scope ?? 'person',
          connections: row.connections,
          // The sealed bytes change whenever the secret is written.
          connectionKey: keyOf(row.client_id, row.client_secret),
          previousKey: row.previous_secret && keyOf(row.client_id, row.previous_secret),
        },
      ];
    } catch (error) {
      this.logger.error('client secret not readable', {
        channelId: row.id,
        code: codeOf(error),
        error,
      });
      return [];
    }
  }
}

const keyOf = (clientId: string, sealed: Buffer): string =>
  `${clientId} ${sealed.toString('base64')}`;

const ROSTER = `
SELECT id, tenant_id, client_id, client_secret, previous_secret, session ->> 'scope' AS scope,
       CASE WHEN EXISTS (SELECT 1 FROM channel_notice n WHERE n.channel_id = channel.id
                          AND n.code = 'single_connection' AND n.until > now())
            THEN 1 ELSE connections END AS connections
  FROM channel WHERE enabled AND deleted_at IS NULL`;
