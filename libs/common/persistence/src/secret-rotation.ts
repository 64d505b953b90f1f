import type { Database } from './database';

export interface TakenSecret {
  readonly channelId: string;
  /** Sealed, as it was read: another one may be waiting by now. */
  readonly pending: Buffer;
  /** Which service found out. */
  readonly service: string;
}

/**
 * The platform took a channel's new client secret: it becomes the present one, the one before stays good for a day (robot
 * messages under way are signed with it). Once, however many processes find out: the others change nothing.
 * @returns whether it was this call that changed it
 */
export async function promoteSecret(
  database: Database,
  { channelId, pending, service }: TakenSecret,
): Promise<boolean> {
  const rows = await database.acrossTenantsOnce(
    'reconcile',
    { name: 'secret.promote', text: PROMOTE },
    [channelId, pending, JSON.stringify({ service })],
  );
  return rows.length === 1;
}

const PROMOTE = `
WITH changed AS (
  UPDATE channel
     SET previous_secret = client_secret, previous_secret_until = now() + interval '24 hours',
         client_secret = pending_secret, pending_secret = NULL, pending_since = NULL, pending_error = NULL,
         updated_at = now(), revision = revision + 1
   WHERE id = $1 AND pending_secret = $2 AND deleted_at IS NULL
  RETURNING tenant_id, id
)
INSERT INTO audit_log (tenant_id, actor, action, resource, resource_id)
SELECT tenant_id, $3::jsonb, 'channel.secret-promoted', 'channel', id::text FROM changed RETURNING resource_id`;
