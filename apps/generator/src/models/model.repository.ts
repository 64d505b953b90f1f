import { Injectable } from '@nestjs/common';

import { Database } from '@common/persistence';

import type { ModelAccess } from './model-access';
import { MODEL_COLUMNS, type ModelRow, toModelAccess } from './model-row';

/** Models beyond the one that came with the claim. */
@Injectable()
export class ModelRepository {
  constructor(private readonly database: Database) {}

  /** Null when it was deleted. */
  async find(tenantId: string, id: string): Promise<ModelAccess | null> {
    const [row] = await this.database.inTenantOnce<ModelRow>(
      tenantId,
      `SELECT ${MODEL_COLUMNS} FROM model m WHERE m.tenant_id = $1 AND m.id = $2 AND m.deleted_at IS NULL`,
      [tenantId, id],
    );
    return row ? toModelAccess(row) : null;
  }
}
