import { Injectable } from '@nestjs/common';

import { Database, type Tx } from '@common/persistence';

export interface KeptFile {
  id: string;
  channel_id: string;
  attempt: number;
  object_key: string | null;
}
export interface KeptTurn {
  id: string;
  attempt: number;
}

/** What people wrote and were answered, and its removal: the statements of design's privacy (ADR 27). */
@Injectable()
export class WordsRepository {
  constructor(private readonly database: Database) {}

  turnsOfMember(tenantId: string, memberId: string, most: number): Promise<KeptTurn[]> {
    return this.database.inTenantOnce(
      tenantId,
      `SELECT id, attempt FROM turn WHERE tenant_id = $1 AND member_id = $2 AND ended_at IS NOT NULL AND erased_at IS NULL
        ORDER BY created_at LIMIT $3`,
      [tenantId, memberId, most],
    );
  }

  /** Ended longer ago than the channel keeps words, of people who are not held. */
  oldTurns(tenantId: string, channelId: string, most: number): Promise<KeptTurn[]> {
    return this.database.inTenantOnce(
      tenantId,
      `SELECT t.id, t.attempt FROM turn t JOIN channel c ON c.id = t.channel_id JOIN member m ON m.id = t.member_id
        WHERE t.tenant_id = $1 AND t.channel_id = $2 AND t.erased_at IS NULL AND t.ended_at IS NOT NULL
          AND t.created_at < now() - c.retention_days * interval '1 day' AND NOT c.legal_hold AND NOT m.legal_hold
        ORDER BY t.created_at LIMIT $3`,
      [tenantId, channelId, most],
    );
  }

  /** Whatever the person sent that is no turn's: commands, clicks, what was refused. Found by who sent it. */
  async eventsOfMember(tenantId: string, memberId: string, most: number): Promise<string[]> {
    const rows = await this.database.inTenantOnce<{ id: string }>(tenantId, EVENTS_OF_MEMBER, [
      ...[tenantId, memberId, most],
    ]);
    return rows.map(({ id }) => id);
  }

  async oldEvents(tenantId: string, channelId: string, most: number): Promise<string[]> {
    const rows = await this.database.inTenantOnce<{ id: string }>(tenantId, OLD_EVENTS, [
      ...[tenantId, channelId, most],
    ]);
    return rows.map(({ id }) => id);
  }

  filesOfMember(tenantId: string, memberId: string, most: number): Promise<KeptFile[]> {
    return this.database.inTenantOnce(
      tenantId,
      `SELECT id, channel_id, attempt, object_key FROM file WHERE tenant_id = $1 AND member_id = $2 AND state <> 'erased' LIMIT $3`,
      [tenantId, memberId, most],
    );
  }

  oldFiles(tenantId: string, channelId: string, most: number): Promise<KeptFile[]> {
    return this.database.inTenantOnce(
      tenantId,
      `SELECT f.id, f.channel_id, f.attempt, f.object_key FROM file f JOIN channel c ON c.id = f.channel_id JOIN member m ON m.id = f.member_id
        WHERE f.tenant_id = $1 AND f.channel_id = $2 AND f.state NOT IN ('erased', 'wanted')
          AND f.created_at < now() - c.retention_days * interval '1 day' AND NOT c.legal_hold AND NOT m.legal_hold
        LIMIT $3`,
      [tenantId, channelId, most],
    );
  }

  async eraseTurns(tenantId: string, turnIds: readonly string[]): Promise<number> {
    const [row] = await this.database.inTenantOnce<{ n: number }>(
      ...([tenantId, 'SELECT erase_turns($1, $2) AS n', [tenantId, turnIds]] as const),
    );
    return row?.n ?? 0;
  }

  async eraseEvents(tenantId: string, eventIds: readonly string[]): Promise<void> {
    await this.database.inTenantOnce(tenantId, 'SELECT erase_events($1, $2)', [tenantId, eventIds]);
  }

  async eraseFiles(tenantId: string, fileIds: readonly string[]): Promise<void> {
    await this.database.inTenantOnce(tenantId, 'SELECT erase_files($1, $2)', [tenantId, fileIds]);
  }

  /** Names and what the platform calls them; the rows say that there were files. */
  async eraseAnswerFiles(tenantId: string, turnIds: readonly string[]): Promise<void> {
    await this.database.inTenantOnce(
      tenantId,
      `UPDATE answer_file SET name = '', object_key = NULL, media_id = NULL WHERE tenant_id = $1 AND turn_id = ANY($2)`,
      [tenantId, turnIds],
    );
  }

  async erasePerson(tx: Tx, tenantId: string, memberId: string): Promise<void> {
    await tx.query('SELECT erase_person($1, $2)', [tenantId, memberId]);
  }

  /** Rows of the audit log that say something of the person. Those that name what was redacted stay, or the chain would break. */
  async redactAudit(tx: Tx, tenantId: string, memberId: string): Promise<string[]> {
    const rows = await tx.query<{ seq: string }>(
      `SELECT seq FROM audit_log WHERE tenant_id = $1 AND content_salt IS NOT NULL AND action <> 'member.erase'
          AND (resource_id = $2 OR before::text LIKE '%' || $2 || '%' OR after::text LIKE '%' || $2 || '%') ORDER BY seq`,
      [tenantId, memberId],
    );
    const seqs = rows.map(({ seq }) => seq);
    if (seqs.length > 0) await tx.query('SELECT audit_redact($1, $2)', [tenantId, seqs]);
    return seqs;
  }
}

// The member's own threads by their id; a group's events by who sent them. What nobody has looked at yet comes later.
const EVENTS_OF_MEMBER = `
SELECT e.id FROM inbound_event e
 WHERE e.tenant_id = $1 AND e.raw <> '\\x'::bytea AND e.state <> 'pending'
   AND (e.thread_id IN (SELECT t.id FROM thread t WHERE t.tenant_id = $1 AND t.member_id = $2)
        OR EXISTS (SELECT 1 FROM identity i WHERE i.tenant_id = $1 AND i.member_id = $2
                    AND i.value IN (e.content #>> '{sender,staffId}', e.content #>> '{sender,unionId}',
                                    e.content #>> '{sender,opaqueId}', e.content ->> 'userId')))
   AND (e.turn_id IS NULL OR EXISTS (SELECT 1 FROM turn t WHERE t.id = e.turn_id AND t.ended_at IS NOT NULL))
 LIMIT $3`;

const OLD_EVENTS = `
SELECT e.id FROM inbound_event e JOIN channel c ON c.id = e.channel_id
 WHERE e.tenant_id = $1 AND e.channel_id = $2 AND e.raw <> '\\x'::bytea AND e.state <> 'pending'
   AND e.received_at < now() - c.retention_days * interval '1 day' AND NOT c.legal_hold
   AND (e.turn_id IS NULL OR EXISTS (SELECT 1 FROM turn t WHERE t.id = e.turn_id AND t.erased_at IS NOT NULL))
   AND NOT EXISTS (SELECT 1 FROM thread t JOIN member m ON m.id = t.member_id WHERE t.id = e.thread_id AND m.legal_hold)
 ORDER BY e.received_at LIMIT $3`;
