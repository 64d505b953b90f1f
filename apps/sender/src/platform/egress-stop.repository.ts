import { Injectable } from '@nestjs/common';

import { Database } from '@common/persistence';

/** Until when no call may leave an address: also known when Redis was wiped (P5). */
@Injectable()
export class EgressStopRepository {
  constructor(private readonly database: Database) {}

  /** Milliseconds that are left, 0 when it is not stopped. */
  async leftMs(egress: string): Promise<number> {
    const [row] = await this.database.platformOnce<{ left: string }>(
      `SELECT extract(epoch FROM until - now()) * 1000 AS left FROM egress_stop WHERE egress = $1`,
      [egress],
    );
    return Math.max(0, Number(row?.left ?? 0));
  }

  async write(egress: string, ms: number): Promise<void> {
    await this.database.platformOnce(
      `INSERT INTO egress_stop (egress, until) VALUES ($1, now() + $2 * interval '1 millisecond')
       ON CONFLICT (egress) DO UPDATE SET until = GREATEST(egress_stop.until, EXCLUDED.until)`,
      [egress, ms],
    );
  }
}
