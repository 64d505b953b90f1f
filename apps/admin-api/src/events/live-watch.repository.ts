import { Injectable } from '@nestjs/common';

import type { Tx } from '@common/persistence';

export interface WatchRow {
  was_idle: boolean;
  queues: Record<string, string>;
}

export interface ChannelNews {
  readonly channelId: string;
  readonly tenantId: string;
  /** What tells one status from another. */
  readonly said: string;
  readonly data: string;
}

/** Writing the log. All of it under one lock, which the transaction holds: ids are then seen in their order. */
@Injectable()
export class LiveWatchRepository {
  /** Undefined: another process watches, or has just done so. */
  async begin(tx: Tx): Promise<WatchRow | undefined> {
    const [lock] = await tx.query<{ is_mine: boolean }>({
      name: 'live.lock',
      text: `SELECT pg_try_advisory_xact_lock(hashtext('carillon.live'), hashtext(current_schema())) AS is_mine`,
    });
    if (!lock?.is_mine) return undefined;
    const [row] = await tx.query<WatchRow>({
      name: 'live.begin',
      text: `SELECT ran_at < clock_timestamp() - interval '10 seconds' AS was_idle, queues FROM live_watch
        WHERE ran_at < clock_timestamp() - interval '700 milliseconds'`,
    });
    return row;
  }

  /** Nobody watched for a while: who resumes from before has missed something. */
  async noteGap(tx: Tx): Promise<void> {
    await tx.query(`INSERT INTO live_event (type, data) VALUES ('gap', '{}')`);
    await tx.query(MARK_ALL);
  }

  /** Turns with a new checkpoint, in the state they have now; each state of an attempt is said once. */
  async sayTurns(tx: Tx): Promise<void> {
    await tx.query({ name: 'live.turns', text: TURNS });
    await tx.query({ name: 'live.mark', text: MARK });
  }

  async saidOfChannels(tx: Tx): Promise<Map<string, string>> {
    const rows = await tx.query<{ channel_id: string; said: string }>({
      name: 'live.channels',
      text: 'SELECT channel_id, said FROM live_channel',
    });
    return new Map(rows.map(({ channel_id, said }) => [channel_id, said]));
  }

  async sayChannels(tx: Tx, news: readonly ChannelNews[]): Promise<void> {
    if (news.length === 0) return;
    await tx.query({ name: 'live.say-channels', text: CHANNELS }, [
      news.map(({ channelId }) => channelId),
      news.map(({ tenantId }) => tenantId),
      news.map(({ said }) => said),
      news.map(({ data }) => data),
    ]);
  }

  async sayQueue(tx: Tx, data: unknown): Promise<void> {
    await tx.query(`INSERT INTO live_event (type, data) VALUES ('queue', $1)`, [
      JSON.stringify(data),
    ]);
  }

  async end(tx: Tx, queues: Readonly<Record<string, string>>): Promise<void> {
    await tx.query(
      { name: 'live.end', text: 'UPDATE live_watch SET ran_at = clock_timestamp(), queues = $1' },
      [JSON.stringify(queues)],
    );
  }

  async forgetOld(tx: Tx): Promise<void> {
    await tx.query({
      name: 'live.forget',
      text: `DELETE FROM live_event WHERE at < now() - interval '1 hour'
        OR id < (SELECT max(id) - 200000 FROM live_event)`,
    });
  }
}

const MARK_ALL = `UPDATE live_watch SET marked_at = now(), step_mark = s.id, step_next = s.id
  FROM (SELECT COALESCE(max(id), 0) AS id FROM turn_step) s`;

/** A checkpoint may become visible after a younger one, but not 20 s later: no transaction lasts that long. */
const MARK = `UPDATE live_watch SET marked_at = now(), step_mark = step_next,
    step_next = (SELECT COALESCE(max(id), 0) FROM turn_step)
  WHERE marked_at < now() - interval '20 seconds'`;

const TURNS = `INSERT INTO live_event (tenant_id, type, channel_id, subject, data)
  SELECT t.tenant_id, 'turn', t.channel_id, concat_ws('/', t.id, t.state, t.attempt),
    jsonb_build_object('turnId', t.id, 'channelId', t.channel_id, 'sessionId', t.session_id, 'state', t.state,
      'outcome', t.outcome, 'attempt', t.attempt, 'errorCode', t.error_code)
  FROM turn t
  WHERE t.id IN (SELECT s.turn_id FROM turn_step s WHERE s.id > (SELECT step_mark FROM live_watch))
    AND NOT EXISTS (SELECT 1 FROM live_event e WHERE e.subject = concat_ws('/', t.id, t.state, t.attempt))
  ORDER BY t.created_at, t.id`;

const CHANNELS = `WITH news AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::jsonb[]) n (channel_id, tenant_id, said, data)
  ), kept AS (
    INSERT INTO live_channel (channel_id, tenant_id, said) SELECT channel_id, tenant_id, said FROM news
    ON CONFLICT (channel_id) DO UPDATE SET said = excluded.said
  )
  INSERT INTO live_event (tenant_id, type, channel_id, data) SELECT tenant_id, 'channel', channel_id, data FROM news`;
