import { createHmac, randomBytes } from 'node:crypto';

import { Injectable } from '@nestjs/common';

import { Secret } from '@common/config';
import type { AppEndpoint } from '@common/dingtalk';
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
  /** Its own platform; null: the installation's. */
  readonly endpoint: AppEndpoint | null;
  readonly scope: SessionScope;
  /** How many gateways should be connected at a time: 1 or 2. */
  readonly connections: number;
  /** Changes when the connection must be opened anew; anything else may change without. */
  readonly connectionKey: string;
  /** The key before a new secret was tried and taken: a connection that was opened with it may stay. Null: none. */
  readonly previousKey: string | null;
  /** Of the bytes as they are stored: while they are the same, nothing is opened anew. */
  readonly storedAs?: string;
}

interface Row {
  id: string;
  tenant_id: string;
  client_id: string;
  client_secret: Buffer;
  previous_secret: Buffer | null;
  endpoint: AppEndpoint | null;
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

  /** @param before what was read last: a channel that is as it was stays the same object, and nothing is decrypted anew */
  async enabled(before?: ReadonlyMap<string, RosterChannel>): Promise<RosterChannel[]> {
    const rows = await this.database.acrossTenantsOnce<Row>('reconcile', {
      name: 'roster',
      text: ROSTER,
    });
    const tenantIds = new Map<string, string>();
    return rows.flatMap((row) => {
      const tenantId = tenantIds.get(row.tenant_id) ?? row.tenant_id;
      tenantIds.set(tenantId, tenantId);
      return this.open({ ...row, tenant_id: tenantId }, before?.get(row.id));
    });
  }

  /** A secret that cannot be opened costs its own channel only (P10), and no connection that it has already. */
  private open(row: Row, before: RosterChannel | undefined): RosterChannel[] {
    try {
      const storedAs = digest(row, row.client_secret, row.previous_secret);
      if (before && isSame(before, row, storedAs)) return [before];
      // Another process sealed it anew, with a key that this one is still to be given.
      if (before && this.secrets.isForOthers(row.client_secret, row.previous_secret))
        return [before];
      const clientSecret = this.secrets.open(row.client_secret);
      const previous = row.previous_secret && this.secrets.open(row.previous_secret);
      return [
        {
          id: row.id,
          tenantId: row.tenant_id,
          clientId: row.client_id,
          clientSecret: new Secret(clientSecret.toString()),
          endpoint: row.endpoint,
          scope: scopeOf(row),
          connections: row.connections,
          connectionKey: digest(row, clientSecret),
          previousKey: previous && digest(row, previous),
          storedAs,
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

/** Not the row's own text: every row has one. */
const scopeOf = ({ scope }: Row): SessionScope => (scope === 'group' ? 'group' : 'person');

const isSame = (before: RosterChannel, row: Row, storedAs: string): boolean =>
  before.storedAs === storedAs &&
  before.tenantId === row.tenant_id &&
  before.scope === scopeOf(row) &&
  before.connections === row.connections;

/** Nobody but this process could tell what it is of. */
const PEPPER = randomBytes(16);

/** Of the secret itself, so that one that is merely sealed anew opens nothing anew. Short: there are thousands in memory. */
function digest({ client_id: clientId, endpoint }: Row, ...of: (Buffer | null)[]): string {
  const hash = createHmac('sha256', PEPPER).update(clientId);
  for (const part of of) hash.update(part ?? '').update('\0');
  if (endpoint) hash.update(JSON.stringify(endpoint));
  return hash.digest().toString('base64url', 0, 15);
}

const ROSTER = `
SELECT id, tenant_id, client_id, client_secret, previous_secret,
       endpoint || jsonb_build_object('isTrusted', trusted_endpoint) AS endpoint, session ->> 'scope' AS scope,
       CASE WHEN EXISTS (SELECT 1 FROM channel_notice n WHERE n.channel_id = channel.id
                          AND n.code = 'single_connection' AND n.until > now())
            THEN 1 ELSE connections END AS connections
  FROM channel WHERE enabled AND deleted_at IS NULL`;
