import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whom a platform identity means in a channel that does not go by staff ids; looked up before any thread is locked. */
export class MemberMapping1764031697000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(MEMBER_MAPPING);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const MEMBER_MAPPING = `
CREATE TABLE member_mapping (
  tenant_id uuid NOT NULL,
  channel_id uuid NOT NULL,
  -- Kind, realm and value of the platform identity.
  identity text NOT NULL,
  -- NULL: the look-up failed, and why.
  member_id uuid,
  failure jsonb,
  -- How it was found; another way is another look-up.
  mode text NOT NULL,
  checked_at timestamptz NOT NULL DEFAULT now(),
  refused_at timestamptz,
  PRIMARY KEY (channel_id, identity),
  CHECK ((member_id IS NULL) = (failure IS NOT NULL)),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES channel (tenant_id, id),
  FOREIGN KEY (tenant_id, member_id) REFERENCES member (tenant_id, id)
);
CREATE INDEX member_email ON member (tenant_id, lower(attributes ->> 'email')) WHERE attributes ? 'email';
CREATE INDEX member_mobile ON member (tenant_id, (attributes ->> 'mobile')) WHERE attributes ? 'mobile';
`;
