import { Injectable } from '@nestjs/common';

import { Secret } from '@common/config';
import type { EventKeys } from '@common/dingtalk';
import type { SessionScope } from '@common/domain';
import { Clock, codeOf, SecretBox, UnknownMasterKeyError } from '@common/kernel';
import { Logger } from '@common/logging';
import { Database } from '@common/persistence';

import type { CallbackChannel } from './callback-channel';

/** How long a callback waits for its channel to be read: it wants an answer within 1.5 s. */
const LOOK_MS = 1_000;

interface Row {
  id: string;
  tenant_id: string;
  client_id: string;
  scope: SessionScope | null;
  client_secret: Buffer;
  pending_secret: Buffer | null;
  /** While it is still accepted. */
  previous_secret: Buffer | null;
  callback: Buffer | null;
  callback_previous: Buffer | null;
  previous_left_ms: number | null;
  corp_id: string | null;
  corp_ids: string[];
}
interface StoredCallback {
  readonly token: string;
  readonly aesKey: string;
  readonly apiSecret?: string;
}

/** An enabled channel, and until when what was read of it is good. */
export interface ListedChannel {
  readonly channel: CallbackChannel;
  /** When a secret in it ends: read it anew then. Milliseconds since the epoch. */
  readonly untilMs: number;
}

/** Enabled channels as callbacks need them, whichever gateway holds their connections: callbacks come to any of them. */
@Injectable()
export class CallbackChannelsRepository {
  constructor(
    private readonly database: Database,
    private readonly secrets: SecretBox,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Those that have callbacks set up, and those of the ids. */
  async expected(ids: readonly string[]): Promise<ListedChannel[]> {
    const rows = await this.database.acrossTenantsOnce<Row>(
      'reconcile',
      {
        name: 'callbacks.expected',
        text: `${CHANNELS} AND (c.callback IS NOT NULL OR c.id = ANY($1))`,
      },
      [ids],
    );
    return rows.flatMap((row) => this.open(row));
  }

  /** @throws UnknownMasterKeyError */
  async one(id: string): Promise<ListedChannel | null> {
    const rows = await this.database.acrossTenantsOnce<Row>(
      'reconcile',
      { name: 'callbacks.one', text: `${CHANNELS} AND c.id = $1`, timeoutMs: LOOK_MS },
      [id],
    );
    const [row] = rows;
    if (!row) return null;
    // There is such a channel: who called is to come again, to a gateway that has the key.
    return this.open(row, isPassing)[0] ?? null;
  }

  /** A secret that cannot be opened costs its own channel only (P10). */
  private open(row: Row, isThrown: (error: unknown) => boolean = () => false): ListedChannel[] {
    try {
      return [{ channel: this.channelOf(row), untilMs: this.untilMs(row) }];
    } catch (error) {
      if (isThrown(error)) throw error;
      this.logger.error('callback secrets not readable', {
        channelId: row.id,
        code: codeOf(error),
        error,
      });
      return [];
    }
  }

  private channelOf(row: Row): CallbackChannel {
    const callbacks = [row.callback, row.callback_previous].flatMap((sealed) =>
      sealed ? (JSON.parse(this.secrets.openText(sealed)) as StoredCallback) : [],
    );
    const appSecrets = [row.client_secret, row.pending_secret, row.previous_secret].flatMap(
      (sealed) => (sealed ? new Secret(this.secrets.openText(sealed)) : []),
    );
    return {
      id: row.id,
      tenantId: row.tenant_id,
      clientId: row.client_id,
      scope: row.scope ?? 'person',
      appSecrets,
      eventKeys: callbacks.map(keysOf),
      cardSecrets: callbacks.flatMap((stored) => cardSecretsOf(stored, appSecrets)),
      corpId: row.corp_id,
      corpIds: row.corp_ids,
    };
  }

  /** By our clock: the database says how long it has left, not when it ends. */
  private untilMs({ previous_left_ms: leftMs }: Row): number {
    return leftMs === null ? Number.POSITIVE_INFINITY : this.clock.now() + leftMs;
  }
}

/** Others have the key, and this process will be given it. */
const isPassing = (error: unknown): boolean =>
  error instanceof UnknownMasterKeyError && error.retry !== 'never';

const keysOf = ({ token, aesKey }: StoredCallback): EventKeys => ({
  token: new Secret(token),
  aesKey: new Secret(aesKey),
});

/**
 * Card actions are signed with the secret that their callback address was registered with. Where the channel names none,
 * that is any of the secrets it shares with the platform.
 */
const cardSecretsOf = (stored: StoredCallback, appSecrets: readonly Secret[]): Secret[] =>
  stored.apiSecret === undefined
    ? [new Secret(stored.token), new Secret(stored.aesKey), ...appSecrets]
    : [new Secret(stored.apiSecret)];

const CHANNELS = `
SELECT c.id, c.tenant_id, c.client_id, c.session ->> 'scope' AS scope, c.client_secret, c.pending_secret,
       CASE WHEN c.previous_secret_until > now() THEN c.previous_secret END AS previous_secret,
       c.callback,
       CASE WHEN c.callback_previous_until > now() THEN c.callback_previous END AS callback_previous,
       (extract(epoch FROM LEAST(
          CASE WHEN c.previous_secret_until > now() THEN c.previous_secret_until END,
          CASE WHEN c.callback_previous_until > now() THEN c.callback_previous_until END) - now()) * 1000
       )::float8 AS previous_left_ms,
       (SELECT o.corp_id FROM organization o
         WHERE o.tenant_id = c.tenant_id AND o.id = c.organization_id) AS corp_id,
       ARRAY(SELECT o.corp_id FROM organization o
              WHERE o.tenant_id = c.tenant_id AND o.deleted_at IS NULL
                AND (c.organization_id IS NULL OR o.id = c.organization_id)) AS corp_ids
  FROM channel c WHERE c.enabled AND c.deleted_at IS NULL`;
