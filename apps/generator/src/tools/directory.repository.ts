import { Injectable } from '@nestjs/common';

import { Database } from '@common/persistence';

export interface Colleague {
  readonly name: string;
  readonly title?: string;
  readonly departments?: readonly string[];
}

interface Row {
  name: string;
  attributes: { title?: unknown; departments?: unknown };
}

const MOST = 10;

/** People of the tenant as they are known to us. No ids: the words go to a model. */
@Injectable()
export class DirectoryRepository {
  constructor(private readonly database: Database) {}

  async find(tenantId: string, name: string): Promise<Colleague[]> {
    const rows = await this.database.inTenantOnce<Row>(
      tenantId,
      `SELECT name, attributes FROM member
        WHERE tenant_id = $1 AND name <> '' AND position(lower($2) IN lower(name)) > 0 ORDER BY name, id LIMIT ${MOST}`,
      [tenantId, name.slice(0, 100)],
    );
    return rows.map(({ name: known, attributes: { title, departments } }) => ({
      name: known,
      ...(typeof title === 'string' && { title }),
      ...(Array.isArray(departments) && {
        departments: departments.filter((one): one is string => typeof one === 'string'),
      }),
    }));
  }
}
