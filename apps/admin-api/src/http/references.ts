import type { Tx } from '@common/persistence';

import { type FieldError, InvalidInputError } from './api.errors';

type Target = 'model' | 'agent' | 'organization' | 'tool_server' | 'channel' | 'member';

/** A field that names another resource. */
export interface Reference {
  readonly path: string;
  readonly target: Target;
  readonly id: string | undefined;
}

const FIND: Record<Target, string> = {
  model: find('model'),
  agent: find('agent'),
  organization: find('organization'),
  tool_server: find('tool_server'),
  channel: find('channel'),
  // People are never deleted.
  member: 'SELECT 1 FROM member WHERE tenant_id = $1 AND id = $2 FOR SHARE',
};

/**
 * Every resource a write names must be there, in the same tenant. The rows stay locked to the end of the transaction, so
 * that none is deleted meanwhile.
 * @throws InvalidInputError naming the fields that point nowhere
 */
export async function checkReferences(
  tx: Tx,
  tenantId: string,
  references: readonly Reference[],
): Promise<void> {
  const errors: FieldError[] = [];
  for (const { path, target, id } of references) {
    if (id === undefined) continue;
    const found = await tx.query(FIND[target], [tenantId, id]);
    if (found.length === 0)
      errors.push({ path, message: `there is no such ${target.replace('_', ' ')}` });
  }
  if (errors.length > 0) throw new InvalidInputError(errors);
}

function find(table: Target): string {
  return `SELECT 1 FROM ${table} WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL FOR SHARE`;
}
