import { Injectable } from '@nestjs/common';

import { Database } from '@common/persistence';

/** When events were acknowledged. */
@Injectable()
export class AckTimesRepository {
  constructor(private readonly database: Database) {}

  /** Rows that somebody works on this moment are left out: nobody waits for a time, and no time makes anybody wait. */
  async write(times: ReadonlyMap<string, number>): Promise<void> {
    await this.database.acrossTenantsOnce('journal', { name: 'ack-times', text: WRITE }, [
      [...times.keys()],
      [...times.values()].map((ms) => new Date(ms)),
    ]);
  }
}

const WRITE = `
WITH told AS (SELECT * FROM unnest($1::uuid[], $2::timestamptz[]) AS t (id, at)),
free AS (SELECT e.id FROM inbound_event e JOIN told t ON t.id = e.id WHERE e.acknowledged_at IS NULL FOR UPDATE OF e SKIP LOCKED)
UPDATE inbound_event e SET acknowledged_at = t.at FROM told t JOIN free f ON f.id = t.id WHERE e.id = t.id`;
