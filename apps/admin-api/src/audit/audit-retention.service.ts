import { Injectable } from '@nestjs/common';

import { AuditRepository } from './audit.repository';

/** Lets go of what tenants no longer keep of their audit logs; the chain of each begins later then. */
@Injectable()
export class AuditRetention {
  constructor(private readonly rows: AuditRepository) {}

  async run(signal: AbortSignal): Promise<void> {
    for (const tenantId of await this.rows.thoseThatExpire())
      while (!signal.aborted && (await this.rows.expire(tenantId)) > 0);
  }
}
