import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which master keys are in use, and how far rows are sealed anew with the first one (ADR 25). */
export class MasterKeys1795641555000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SQL);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const SQL = `
-- Every key that ever sealed a row, until no row is sealed with it any more.
CREATE TABLE master_key (
  id text PRIMARY KEY,
  -- '': rows are sealed with it, but no process that has it was seen.
  fingerprint text NOT NULL,
  first_used_at timestamptz NOT NULL DEFAULT now(),
  retired_at timestamptz
);

-- One walk through each table with sealed columns, in the order of its primary key.
CREATE TABLE reseal_walk (
  target text PRIMARY KEY,
  key_id text NOT NULL,
  after_id text,
  resealed bigint NOT NULL DEFAULT 0,
  -- Key id → values that could not be opened.
  left_behind jsonb NOT NULL DEFAULT '{}',
  started_at timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz
);

-- What a living process seals with; rows are sealed anew once all agree. NULL: it does not say.
ALTER TABLE incarnation ADD COLUMN sealing_key text;

CREATE FUNCTION sealed_key(p_sealed bytea) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT CASE WHEN length(p_sealed) > 1 THEN encode(substr(p_sealed, 2, get_byte(p_sealed, 0)), 'escape') ELSE '' END
$$;
`;
