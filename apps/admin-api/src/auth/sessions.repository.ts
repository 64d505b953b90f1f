import { Injectable } from '@nestjs/common';

import { Database } from '@common/persistence';

import type { Role } from './role';
import { hashOfToken, IDLE_MINUTES, SESSION_HOURS } from './session-token';

export interface SessionRow {
  administrator_id: string;
  name: string;
  role: Role;
  tenant_id: string | null;
  is_stale: boolean;
}

/** Sessions of administrators: nothing is cached, so one that is ended is refused at once by every replica. */
@Injectable()
export class SessionsOfAdministrators {
  constructor(private readonly database: Database) {}

  async find(token: string): Promise<SessionRow | undefined> {
    const hash = hashOfToken(token);
    const [row] = await this.database.platformOnce<SessionRow & Record<string, unknown>>(FIND, [
      hash,
    ]);
    if (row?.is_stale)
      await this.database.platformOnce('UPDATE admin_session SET seen_at = now() WHERE hash = $1', [
        hash,
      ]);
    return row;
  }

  async open(
    token: string,
    administratorId: string,
    from: { readonly ip: string | null; readonly userAgent: string | null },
  ): Promise<void> {
    await this.database.platformOnce(OPEN, [
      hashOfToken(token),
      administratorId,
      from.ip,
      from.userAgent,
    ]);
  }

  async end(token: string): Promise<void> {
    await this.database.platformOnce('DELETE FROM admin_session WHERE hash = $1', [
      hashOfToken(token),
    ]);
  }

  /** All of one administrator; but for this one when a token is given. */
  async endAll(administratorId: string, butToken?: string): Promise<void> {
    await this.database.platformOnce(
      'DELETE FROM admin_session WHERE administrator_id = $1 AND hash IS DISTINCT FROM $2',
      [administratorId, butToken === undefined ? null : hashOfToken(butToken)],
    );
  }
}

const LIVE = `s.created_at > now() - interval '${SESSION_HOURS} hours' AND s.seen_at > now() - interval '${IDLE_MINUTES} minutes'`;
const FIND = {
  name: 'session.find',
  text: `SELECT s.administrator_id, a.name, a.role, a.tenant_id, s.seen_at < now() - interval '1 minute' AS is_stale
    FROM admin_session s JOIN administrator a ON a.id = s.administrator_id
    WHERE s.hash = $1 AND a.disabled_at IS NULL AND ${LIVE}`,
};
// Whoever logs in tidies up after those who did not log out.
const OPEN = `
WITH over AS (DELETE FROM admin_session s WHERE NOT (${LIVE}))
INSERT INTO admin_session (hash, administrator_id, ip, user_agent) VALUES ($1, $2, $3, $4)`;
