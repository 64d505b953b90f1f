import { Injectable } from '@nestjs/common';

import { Database } from '@common/persistence';

export interface ProcessRow {
  id: string;
  service: string;
  host: string;
  pid: number;
  startedAt: Date;
  seenAt: Date;
  live: boolean;
}

export interface DatabaseFacts {
  now: Date;
  version: string;
  schemaVersion: number;
  compatibleFrom: number;
}

/** The installation: it belongs to no tenant. */
@Injectable()
export class SystemRepository {
  constructor(private readonly database: Database) {}

  async facts(): Promise<DatabaseFacts> {
    const [row] = await this.database.platformOnce<DatabaseFacts & Record<string, unknown>>({
      name: 'system.facts',
      text: `SELECT clock_timestamp() AS now, current_setting('server_version') AS version,
          s.version AS "schemaVersion", s.compatible_from AS "compatibleFrom" FROM schema_state s`,
    });
    return row as DatabaseFacts;
  }

  /** Those that were heard of within the hour. A process is lost after 6 s without a word (its lease). */
  processes(): Promise<ProcessRow[]> {
    return this.database.platformOnce<ProcessRow & Record<string, unknown>>({
      name: 'system.processes',
      text: `SELECT id, service, host, pid, started_at AS "startedAt", seen_at AS "seenAt",
          seen_at > now() - interval '6 seconds' AS live
        FROM incarnation WHERE stopped_at IS NULL AND seen_at > now() - interval '1 hour'
        ORDER BY service, started_at, id LIMIT 1000`,
    });
  }
}
