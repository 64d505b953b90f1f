/** Files that came with messages. Their bytes are objects of the store; a row says whose they are and where. */
export const fileTable = `
CREATE TABLE file (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL,
  channel_id uuid NOT NULL,
  member_id uuid NOT NULL,
  -- NULL when the message was removed: then nobody is told of the file any more.
  event_id uuid,
  turn_id uuid,
  -- Its place in the message.
  n integer NOT NULL CHECK (n > 0),
  kind text NOT NULL CHECK (kind IN ('picture', 'audio', 'video', 'file')),
  -- As the sender called it, cleaned; for people and agents, never for paths.
  name text,
  -- The platform's code for it, until it was fetched.
  download_code text,
  -- "unwanted": no agent of this turn could make anything of it. "erased": the object was removed.
  state text NOT NULL DEFAULT 'wanted' CHECK (state IN ('wanted', 'stored', 'failed', 'unwanted', 'erased')),
  -- Why it was not fetched, or, of a stored one, why nothing was read of it.
  error_code text,
  media_type text,
  bytes bigint,
  sha256 text,
  object_key text,
  -- The words in it, as far as they are kept.
  text text,
  detail jsonb,
  attempt integer NOT NULL DEFAULT 0,
  owner uuid,
  claimed_at timestamptz,
  wake integer NOT NULL DEFAULT 0,
  woken_at timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now(),
  settled_at timestamptz,
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES channel (tenant_id, id),
  FOREIGN KEY (tenant_id, member_id) REFERENCES member (tenant_id, id),
  FOREIGN KEY (tenant_id, event_id) REFERENCES inbound_event (tenant_id, id) ON DELETE SET NULL (event_id),
  FOREIGN KEY (tenant_id, turn_id) REFERENCES turn (tenant_id, id) ON DELETE SET NULL (turn_id),
  CHECK ((state = 'stored') = (object_key IS NOT NULL)),
  CHECK ((settled_at IS NULL) = (state = 'wanted'))
);
CREATE UNIQUE INDEX file_event ON file (event_id, n) WHERE event_id IS NOT NULL;
CREATE INDEX file_turn ON file (turn_id) WHERE turn_id IS NOT NULL;
CREATE INDEX file_wanted ON file (woken_at) WHERE state = 'wanted';
-- For those who erase what belongs to a person.
CREATE INDEX file_member ON file (tenant_id, member_id, created_at);
`;
