import { Injectable } from '@nestjs/common';

import { Incarnation } from '@common/bootstrap';
import type { AppEndpoint } from '@common/dingtalk';
import { storableText } from '@common/kernel';
import { Database } from '@common/persistence';

import type { Reading } from '../documents/reading';

/** A file that this process fetches now. */
export interface WantedFile {
  readonly id: string;
  readonly tenantId: string;
  readonly kind: 'picture' | 'audio' | 'video' | 'file';
  readonly name: string | null;
  readonly downloadCode: string;
  readonly attempt: number;
  readonly robotCode: string;
  readonly channel: {
    readonly id: string;
    readonly clientId: string;
    /** Sealed. */
    readonly clientSecret: Buffer;
    readonly endpoint: AppEndpoint | null;
    /** Null: the usual number. */
    readonly callsPerSecond: number | null;
  };
  /** Whether the organisation may make no further calls this month. */
  readonly isSpent: boolean;
}

interface WantedRow {
  id: string;
  kind: WantedFile['kind'];
  name: string | null;
  download_code: string;
  attempt: number;
  robot_code: string;
  channel_id: string;
  client_id: string;
  client_secret: Buffer;
  endpoint: AppEndpoint | null;
  calls_per_second: string | null;
  is_spent: boolean;
}

/** What was fetched, and what was found in it. */
export interface FetchedFile {
  readonly objectKey: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly reading: Reading;
}

/** Files as they are fetched. Every write is guarded by attempt and owner: a late process changes nothing. */
@Injectable()
export class FileRepository {
  constructor(
    private readonly database: Database,
    private readonly incarnation: Incarnation,
  ) {}

  /** The channel of a file that is still wanted; null: it was fetched or given up. */
  async channelOf(tenantId: string, fileId: string): Promise<string | null> {
    const [row] = await this.database.inTenantOnce<{ channel_id: string }>(
      tenantId,
      `SELECT channel_id FROM file WHERE tenant_id = $1 AND id = $2 AND state = 'wanted'`,
      [tenantId, fileId],
    );
    return row?.channel_id ?? null;
  }

  /** Makes the file ours. Null when it was settled or somebody living has it. */
  async claim(tenantId: string, fileId: string): Promise<WantedFile | null> {
    const [row] = await this.database.inTenantOnce<WantedRow>(tenantId, CLAIM, [
      ...[tenantId, fileId, this.incarnation.id, this.incarnation.mayTakeOver()],
    ]);
    return row ? toWanted(row, tenantId) : null;
  }

  /** @returns false when the file was no longer ours */
  async keep(
    file: WantedFile,
    { objectKey, bytes, sha256, reading }: FetchedFile,
  ): Promise<boolean> {
    const { mediaType, text, detail, trouble } = reading;
    const rows = await this.database.inTenantOnce(file.tenantId, KEEP, [
      ...[file.tenantId, file.id, this.incarnation.id, file.attempt, objectKey, bytes, sha256],
      ...[mediaType, text === null ? null : storableText(text), JSON.stringify(detail), trouble],
    ]);
    return rows.length === 1;
  }

  async fail(file: WantedFile, code: string): Promise<void> {
    await this.database.inTenantOnce(file.tenantId, FAIL, [
      ...[file.tenantId, file.id, this.incarnation.id, file.attempt, code],
    ]);
  }

  /** Gives it back, to be tried again. @param isTry whether this one counts as a try */
  async release(file: WantedFile, { isTry }: { readonly isTry: boolean }): Promise<void> {
    await this.database.inTenantOnce(
      file.tenantId,
      `UPDATE file SET owner = NULL, woken_at = now(), attempt = attempt - $5
        WHERE tenant_id = $1 AND id = $2 AND owner = $3 AND attempt = $4 AND state = 'wanted'`,
      [file.tenantId, file.id, this.incarnation.id, file.attempt, isTry ? 0 : 1],
    );
  }

  /** One call to the platform, for the organisation's month. */
  async countCall({ tenantId, channel }: WantedFile): Promise<void> {
    await this.database.inTenantOnce(tenantId, COUNT, [tenantId, channel.id]);
  }
}

const CLAIM = `
UPDATE file f SET owner = $3, claimed_at = now(), woken_at = now(), attempt = attempt + 1
  FROM channel c, inbound_event e
 WHERE f.tenant_id = $1 AND f.id = $2 AND f.state = 'wanted' AND f.download_code IS NOT NULL
   AND c.tenant_id = $1 AND c.id = f.channel_id AND e.tenant_id = $1 AND e.id = f.event_id
   AND (f.owner IS NULL OR f.owner = $3 OR ($4 AND NOT EXISTS (
         SELECT 1 FROM incarnation i WHERE i.id = f.owner AND i.seen_at > now() - interval '6 seconds')))
RETURNING f.id, f.kind, f.name, f.download_code, f.attempt, f.channel_id, c.client_id, c.client_secret, c.calls_per_second,
          c.endpoint || jsonb_build_object('isTrusted', c.trusted_endpoint) AS endpoint,
          COALESCE(e.content ->> 'robotCode', c.robot_code, c.client_id) AS robot_code,
          allowance_refused($1, f.channel_id, 'api') AS is_spent`;

const mine = `WHERE tenant_id = $1 AND id = $2 AND owner = $3 AND attempt = $4 AND state = 'wanted'`;

const KEEP = `
UPDATE file SET state = 'stored', settled_at = now(), owner = NULL, download_code = NULL, object_key = $5, bytes = $6,
       sha256 = $7, media_type = $8, text = $9, detail = $10, error_code = $11
 ${mine} RETURNING id`;

const FAIL = `
UPDATE file SET state = 'failed', settled_at = now(), owner = NULL, download_code = NULL, error_code = $5 ${mine}`;

const COUNT = `
INSERT INTO organization_usage AS u (tenant_id, organization_id, month, api_calls)
SELECT tenant_id, organization_id, allowance_month(), 1 FROM channel
 WHERE tenant_id = $1 AND id = $2 AND organization_id IS NOT NULL
ON CONFLICT (organization_id, month) DO UPDATE SET api_calls = u.api_calls + 1`;

const toWanted = (row: WantedRow, tenantId: string): WantedFile => ({
  ...{ id: row.id, tenantId, kind: row.kind, name: row.name, attempt: row.attempt },
  downloadCode: row.download_code,
  robotCode: row.robot_code,
  channel: {
    ...{ id: row.channel_id, clientId: row.client_id, clientSecret: row.client_secret },
    endpoint: row.endpoint,
    callsPerSecond: row.calls_per_second === null ? null : Number(row.calls_per_second),
  },
  isSpent: row.is_spent,
});
