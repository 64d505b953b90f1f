import type { MigrationInterface, QueryRunner } from 'typeorm';

/** People who administer: log in with a password and perhaps a second factor; sessions; keys that reach some channels only. */
export class Administrators1795643005000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SQL);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const SQL = `
CREATE TABLE administrator (
  id uuid PRIMARY KEY,
  -- NULL: of the platform, in every tenant.
  tenant_id uuid REFERENCES tenant (id),
  email text NOT NULL CHECK (email = lower(email) AND email <> ''),
  name text NOT NULL CHECK (name <> ''),
  role text NOT NULL CHECK (role IN ('owner', 'admin', 'operator', 'viewer')),
  -- Argon2id. NULL: cannot log in by password.
  password_hash text,
  -- Sealed. Wanted from the moment it is confirmed.
  totp_secret bytea,
  totp_confirmed_at timestamptz,
  -- The last code's period: a code is good once.
  totp_used bigint,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  last_login_at timestamptz,
  disabled_at timestamptz
);
CREATE UNIQUE INDEX administrator_email ON administrator (email) WHERE disabled_at IS NULL;
CREATE INDEX administrator_tenant ON administrator (tenant_id, created_at, id);
-- Found by their address before anybody knows the tenant, as keys are by their hash.
ALTER TABLE administrator ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_scope ON administrator USING (tenant_id IS NULL OR
  (SELECT COALESCE(NULLIF(current_setting('carillon.tenant', true), ''), '*')) IN ('*', '-', tenant_id::text));

CREATE TABLE admin_session (
  -- Of the token in the cookie.
  hash bytea PRIMARY KEY,
  administrator_id uuid NOT NULL REFERENCES administrator (id) ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  seen_at timestamptz NOT NULL DEFAULT now(),
  ip text,
  user_agent text
);
CREATE INDEX admin_session_administrator ON admin_session (administrator_id);

-- Failed logins by address and by person, counted for all replicas.
CREATE TABLE login_failure (
  key bytea PRIMARY KEY,
  failures integer NOT NULL,
  last_at timestamptz NOT NULL DEFAULT now()
);

-- NULL: reaches every channel.
ALTER TABLE api_key ADD COLUMN channel_ids uuid[];
`;
