import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What listeners of the REST API are told, in an order that all replicas share. Kept for an hour. */
export class LiveEvents1795642436000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Written by one process at a time, so that ids become visible in their order.
      CREATE TABLE live_event (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        -- NULL: of the installation, for everybody.
        tenant_id uuid REFERENCES tenant (id),
        type text NOT NULL CHECK (type IN ('channel', 'turn', 'queue', 'gap')),
        channel_id uuid,
        -- What is said once; NULL: may be said again.
        subject text,
        data jsonb NOT NULL,
        at timestamptz NOT NULL DEFAULT clock_timestamp()
      );
      CREATE UNIQUE INDEX live_event_subject ON live_event (subject) WHERE subject IS NOT NULL;
      CREATE INDEX live_event_age ON live_event (at);
      CREATE INDEX live_event_gap ON live_event (id) WHERE type = 'gap';

      -- What was last said of a channel.
      CREATE TABLE live_channel (
        channel_id uuid PRIMARY KEY,
        tenant_id uuid NOT NULL,
        said text NOT NULL,
        FOREIGN KEY (tenant_id, channel_id) REFERENCES channel (tenant_id, id) ON DELETE CASCADE
      );

      -- How far the one that watches has come. Checkpoints up to step_mark are told; younger ones may still be uncommitted.
      CREATE TABLE live_watch (
        only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
        ran_at timestamptz NOT NULL DEFAULT '-infinity',
        step_mark bigint NOT NULL DEFAULT 0,
        step_next bigint NOT NULL DEFAULT 0,
        marked_at timestamptz NOT NULL DEFAULT '-infinity',
        queues jsonb NOT NULL DEFAULT '{}'
      );
      INSERT INTO live_watch DEFAULT VALUES`);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}
