/** Turns that wait for a person: what the model had said so far, so that the next attempt goes on from there. */
export const waitingTables = `
CREATE TABLE turn_wait (
  turn_id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL,
  -- Messages, open requests and words of the attempt that stopped to ask.
  conversation jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (tenant_id, turn_id) REFERENCES turn (tenant_id, id)
);
CREATE INDEX tool_call_asked ON tool_call (expires_at) WHERE state = 'asked';
CREATE INDEX turn_waiting ON turn (id) WHERE state = 'waiting';
`;
