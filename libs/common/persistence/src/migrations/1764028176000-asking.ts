import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How much a person asked lately, and which agent answers a group or a department. */
export class Asking1764028176000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(ASKING);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const ASKING = `
ALTER TABLE member_channel
  -- Counted in fixed windows: what was taken from this person in that minute, and on that day.
  ADD COLUMN minute_at timestamptz,
  ADD COLUMN minute_questions integer NOT NULL DEFAULT 0,
  ADD COLUMN minute_commands integer NOT NULL DEFAULT 0,
  ADD COLUMN day_on date,
  ADD COLUMN day_questions integer NOT NULL DEFAULT 0;

CREATE TABLE channel_override (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL,
  channel_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('group', 'department')),
  -- Conversation id of the group, or id of the department.
  value text NOT NULL CHECK (value <> ''),
  agent_id uuid,
  model_id uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  revision integer NOT NULL DEFAULT 1,
  UNIQUE (tenant_id, id),
  UNIQUE (channel_id, kind, value),
  CHECK (num_nonnulls(agent_id, model_id) > 0),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES channel (tenant_id, id),
  FOREIGN KEY (tenant_id, agent_id) REFERENCES agent (tenant_id, id),
  FOREIGN KEY (tenant_id, model_id) REFERENCES model (tenant_id, id)
);
`;
