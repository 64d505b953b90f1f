import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a channel's connections went through (kept 30 days), and what its status reads: its last message and answer. */
export class ChannelHistory1764027794000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SQL);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const SQL = `
CREATE TABLE channel_transition (
  -- Made by the gateway, so that a write of unknown outcome may be repeated.
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL,
  channel_id uuid NOT NULL,
  -- No foreign key: history outlives the process.
  gateway_id uuid NOT NULL,
  state text NOT NULL,
  code text NOT NULL,
  message text NOT NULL,
  -- By the gateway's clock.
  at timestamptz NOT NULL,
  FOREIGN KEY (tenant_id, channel_id) REFERENCES channel (tenant_id, id)
);
CREATE INDEX channel_transition_recent ON channel_transition (channel_id, at, id);
CREATE INDEX channel_transition_age ON channel_transition (at);
CREATE INDEX inbound_event_channel ON inbound_event (channel_id, received_at) WHERE kind = 'message';
CREATE INDEX inbound_event_quarantined ON inbound_event (channel_id, received_at, id) WHERE state = 'quarantined';
CREATE INDEX delivery_channel ON delivery (channel_id, ended_at) WHERE state = 'delivered';
`;
