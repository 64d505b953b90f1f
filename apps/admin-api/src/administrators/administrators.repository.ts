import { Injectable } from '@nestjs/common';

import { Database, type Tx } from '@common/persistence';

import type { Role } from '../auth/role';

export interface AdministratorRow {
  id: string;
  tenant_id: string | null;
  email: string;
  name: string;
  role: Role;
  password_hash: string | null;
  totp_secret: Buffer | null;
  totp_confirmed_at: Date | null;
  created_at: Date;
  last_login_at: Date | null;
  cursor_at: string;
}

const COLUMNS = `id, tenant_id, email, name, role, password_hash, totp_secret, totp_confirmed_at, created_at, last_login_at,
  created_at::text AS cursor_at`;
/** `$1` is the tenant, `$2` whether those of the platform are in sight too. */
const IN_SIGHT = 'disabled_at IS NULL AND (tenant_id = $1 OR ($2 AND tenant_id IS NULL))';

@Injectable()
export class AdministratorsRepository {
  constructor(private readonly database: Database) {}

  list(
    tenantId: string,
    withPlatform: boolean,
    after: readonly string[] | null,
    limit: number,
  ): Promise<AdministratorRow[]> {
    return this.database.inTenantOnce<AdministratorRow & Record<string, unknown>>(
      tenantId,
      `SELECT ${COLUMNS} FROM administrator WHERE ${IN_SIGHT}
          AND ($3::timestamptz IS NULL OR (created_at, id) > ($3, $4::uuid)) ORDER BY created_at, id LIMIT $5`,
      [tenantId, withPlatform, after?.[0] ?? null, after?.[1] ?? null, limit],
    );
  }

  async find(
    tenantId: string,
    withPlatform: boolean,
    id: string,
  ): Promise<AdministratorRow | undefined> {
    const [row] = await this.database.inTenantOnce<AdministratorRow & Record<string, unknown>>(
      ...([
        tenantId,
        `SELECT ${COLUMNS} FROM administrator WHERE ${IN_SIGHT} AND id = $3`,
      ] as const),
      [tenantId, withPlatform, id],
    );
    return row;
  }

  async byEmail(email: string): Promise<AdministratorRow | undefined> {
    const [row] = await this.database.platformOnce<AdministratorRow & Record<string, unknown>>(
      `SELECT ${COLUMNS} FROM administrator WHERE email = $1 AND disabled_at IS NULL`,
      [email],
    );
    return row;
  }

  async byId(id: string): Promise<AdministratorRow | undefined> {
    const [row] = await this.database.platformOnce<AdministratorRow & Record<string, unknown>>(
      `SELECT ${COLUMNS} FROM administrator WHERE id = $1 AND disabled_at IS NULL`,
      [id],
    );
    return row;
  }

  async insert(
    tx: Tx,
    given: Pick<AdministratorRow, 'id' | 'tenant_id' | 'email' | 'name' | 'role' | 'password_hash'>,
  ): Promise<AdministratorRow> {
    const { id, tenant_id: tenantId, email, name, role, password_hash: hash } = given;
    const [row] = await tx.query<AdministratorRow & Record<string, unknown>>(
      `INSERT INTO administrator (id, tenant_id, email, name, role, password_hash) VALUES ($1, $2, $3, $4, $5, $6) RETURNING ${COLUMNS}`,
      [id, tenantId, email, name, role, hash],
    );
    return row as AdministratorRow;
  }

  async update(
    tx: Tx,
    id: string,
    to: { name: string | null; role: string | null; hash: string | null; isTotpOff: boolean },
  ): Promise<AdministratorRow> {
    const [row] = await tx.query<AdministratorRow & Record<string, unknown>>(
      `UPDATE administrator SET name = COALESCE($2, name), role = COALESCE($3, role), password_hash = COALESCE($4, password_hash),
          totp_secret = CASE WHEN NOT $5 THEN totp_secret END, totp_confirmed_at = CASE WHEN NOT $5 THEN totp_confirmed_at END,
          updated_at = now()
        WHERE id = $1 RETURNING ${COLUMNS}`,
      [id, to.name, to.role, to.hash, to.isTotpOff],
    );
    return row as AdministratorRow;
  }

  async disable(tx: Tx, id: string): Promise<void> {
    await tx.query(
      'UPDATE administrator SET disabled_at = now(), updated_at = now() WHERE id = $1',
      [id],
    );
  }

  /** Not asked for before it is confirmed; one that is confirmed is not replaced. */
  async proposeTotp(id: string, sealed: Buffer): Promise<boolean> {
    const rows = await this.database.platformOnce(
      'UPDATE administrator SET totp_secret = $2 WHERE id = $1 AND totp_confirmed_at IS NULL RETURNING 1',
      [id, sealed],
    );
    return rows.length === 1;
  }

  async confirmTotp(id: string): Promise<void> {
    await this.database.platformOnce(
      'UPDATE administrator SET totp_confirmed_at = COALESCE(totp_confirmed_at, now()) WHERE id = $1',
      [id],
    );
  }

  /** A code is good once: false when this period's was used. */
  async useCode(id: string, period: number): Promise<boolean> {
    const rows = await this.database.platformOnce(
      'UPDATE administrator SET totp_used = $2 WHERE id = $1 AND (totp_used IS NULL OR totp_used < $2) RETURNING 1',
      [id, period],
    );
    return rows.length === 1;
  }

  async noteLogin(id: string): Promise<void> {
    await this.database.platformOnce(
      'UPDATE administrator SET last_login_at = now() WHERE id = $1',
      [id],
    );
  }
}
