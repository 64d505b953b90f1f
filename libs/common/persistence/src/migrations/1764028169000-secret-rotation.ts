import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Secrets that change while a channel runs: one to be tried, one still accepted; the same for HTTP callbacks. */
export class SecretRotation1764028169000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(COLUMNS);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const COLUMNS = `
ALTER TABLE channel
  -- Sealed; becomes client_secret as soon as the platform takes it.
  ADD COLUMN pending_secret bytea,
  ADD COLUMN pending_since timestamptz,
  -- The last try: whoever raises pending_tries may make the next one.
  ADD COLUMN pending_tries integer NOT NULL DEFAULT 0,
  ADD COLUMN pending_tried_at timestamptz,
  ADD COLUMN pending_error jsonb,
  -- What client_secret was before: robot messages under way are signed with it.
  ADD COLUMN previous_secret bytea,
  ADD COLUMN previous_secret_until timestamptz,
  ADD COLUMN callback_has_api_secret boolean NOT NULL DEFAULT false,
  ADD COLUMN callback_previous bytea,
  ADD COLUMN callback_previous_until timestamptz,
  ADD CHECK ((pending_secret IS NULL) = (pending_since IS NULL));
CREATE INDEX channel_pending_secret ON channel (pending_tried_at) WHERE pending_secret IS NOT NULL;
`;
