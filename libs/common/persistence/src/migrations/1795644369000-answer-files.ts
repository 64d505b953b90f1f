import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What agents give with their answers besides words: bytes are objects of the store. */
export class AnswerFiles1795644369000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(ANSWER_FILE);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const ANSWER_FILE = `
CREATE TABLE answer_file (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL,
  turn_id uuid NOT NULL,
  -- Of generation: only those of the attempt that was committed are shown.
  attempt integer NOT NULL,
  n integer NOT NULL CHECK (n > 0),
  -- As the platform takes it; NULL: it takes none of its kind.
  kind text CHECK (kind IN ('image', 'file')),
  name text NOT NULL,
  media_type text NOT NULL,
  bytes bigint,
  object_key text,
  -- The platform's name of it, once it was uploaded.
  media_id text,
  -- Images stand in the text; a file is a message: "sending" is written before its call, "sent" after it.
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sending', 'sent', 'failed', 'unknown')),
  error_code text,
  tries integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, id),
  UNIQUE (turn_id, attempt, n),
  FOREIGN KEY (tenant_id, turn_id) REFERENCES turn (tenant_id, id)
);
`;
