import { Injectable } from '@nestjs/common';

import { Secret } from '@common/config';
import type { AppEndpoint } from '@common/dingtalk';
import { codeOf, SecretBox } from '@common/kernel';
import { Logger } from '@common/logging';
import { Database, promoteSecret } from '@common/persistence';

/** A new client secret whose turn it is to be tried. */
export interface PendingSecret {
  readonly channelId: string;
  readonly clientId: string;
  readonly endpoint: AppEndpoint | null;
  readonly sealed: Buffer;
  readonly secret: Secret;
}

interface Row {
  id: string;
  client_id: string;
  endpoint: AppEndpoint | null;
  pending_secret: Buffer;
}

/** New client secrets that wait for the platform to take them. */
@Injectable()
export class PendingSecretsRepository {
  constructor(
    private readonly database: Database,
    private readonly box: SecretBox,
    private readonly logger: Logger,
  ) {}

  /** Those that are due, each to one gateway: after 2, 4, 8 … 60 s, and every 10 s while the present one is refused. */
  async claim(): Promise<PendingSecret[]> {
    const rows = await this.database.acrossTenantsOnce<Row>('reconcile', {
      name: 'secrets.claim',
      text: CLAIM,
    });
    return rows.flatMap((row) => this.open(row));
  }

  promote({ channelId, sealed }: PendingSecret): Promise<boolean> {
    return promoteSecret(this.database, { channelId, pending: sealed, service: 'gateway' });
  }

  async note(
    { channelId, sealed }: PendingSecret,
    error: { code: string; message: string },
  ): Promise<void> {
    await this.database.acrossTenantsOnce('reconcile', { name: 'secrets.note', text: NOTE }, [
      channelId,
      sealed,
      JSON.stringify(error),
    ]);
  }

  /** One that cannot be opened costs its own channel only (P10). */
  private open({ id, client_id, endpoint, pending_secret: sealed }: Row): PendingSecret[] {
    try {
      const secret = new Secret(this.box.openText(sealed));
      return [{ channelId: id, clientId: client_id, endpoint, sealed, secret }];
    } catch (error) {
      this.logger.error('new client secret not readable', { channelId: id, code: codeOf(error) });
      return [];
    }
  }
}

const CLAIM = `
UPDATE channel c SET pending_tries = c.pending_tries + 1, pending_tried_at = now()
  FROM (SELECT id FROM channel d
         WHERE pending_secret IS NOT NULL AND enabled AND deleted_at IS NULL
           AND (pending_tried_at IS NULL
             OR pending_tried_at < now() - make_interval(secs => LEAST(60, power(2, LEAST(pending_tries, 6))))
             OR pending_tried_at < now() - interval '10 seconds' AND EXISTS (
                  SELECT 1 FROM channel_connection n WHERE n.channel_id = d.id AND n.state = 'bad_credentials'))
         ORDER BY pending_tried_at NULLS FIRST LIMIT 20 FOR UPDATE SKIP LOCKED) due
 WHERE c.id = due.id RETURNING c.id, c.client_id, c.pending_secret,
       c.endpoint || jsonb_build_object('isTrusted', c.trusted_endpoint) AS endpoint`;

const NOTE = `
UPDATE channel
   SET pending_error = $3::jsonb || jsonb_build_object('at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
 WHERE id = $1 AND pending_secret = $2`;
