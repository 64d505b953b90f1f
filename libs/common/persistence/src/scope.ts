import { isUuid } from '@common/kernel';

/**
 * Whose rows a statement may see: those of one tenant, of all (journal, sweeper, reaper, reconcile), or none but what
 * belongs to the installation. Postgres holds every statement to it (row-level security, ADR 22).
 */
export type Scope = string & { readonly brand?: 'scope' };

/** The session variable that the policies of all tenant tables read. */
export const SCOPE_SETTING = 'carillon.tenant';
export const ALL_TENANTS: Scope = '*';
export const PLATFORM: Scope = '-';

/** @throws TypeError when it is no uuid: it stands in the text of statements */
export function tenantScope(tenantId: string): Scope {
  if (!isUuid(tenantId)) throw new TypeError('tenant id must be a uuid');
  return tenantId.toLowerCase();
}
