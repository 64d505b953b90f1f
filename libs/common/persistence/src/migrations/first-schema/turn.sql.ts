/** The journal, the turns and what becomes visible of them. */
export const turnTables = `
CREATE TABLE turn (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL,
  channel_id uuid NOT NULL,
  thread_id uuid NOT NULL,
  session_id uuid NOT NULL,
  member_id uuid NOT NULL,
  -- NULL: no agent is set up; the turn ends with a sentence that says so.
  agent_version_id uuid,
  seq bigint NOT NULL,
  state text NOT NULL DEFAULT 'queued'
    CHECK (state IN ('queued', 'active', 'waiting', 'generated', 'delivered', 'failed', 'cancelled')),
  outcome text CHECK (outcome IN ('answered', 'failed', 'cancelled')),
  locale text NOT NULL,
  answer text,
  error_code text,
  error_message text,
  usage jsonb,
  attempt integer NOT NULL DEFAULT 0,
  lost_attempts integer NOT NULL DEFAULT 0,
  owner uuid,
  claimed_at timestamptz,
  wake integer NOT NULL DEFAULT 0,
  woken_at timestamptz NOT NULL DEFAULT now(),
  cancel_requested_at timestamptz,
  retry_of uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  activated_at timestamptz,
  generated_at timestamptz,
  ended_at timestamptz,
  UNIQUE (tenant_id, id),
  UNIQUE (thread_id, seq),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES channel (tenant_id, id),
  FOREIGN KEY (tenant_id, thread_id) REFERENCES thread (tenant_id, id),
  FOREIGN KEY (tenant_id, session_id) REFERENCES session (tenant_id, id),
  FOREIGN KEY (tenant_id, member_id) REFERENCES member (tenant_id, id),
  FOREIGN KEY (tenant_id, agent_version_id) REFERENCES agent_version (tenant_id, id),
  FOREIGN KEY (tenant_id, retry_of) REFERENCES turn (tenant_id, id),
  CHECK ((outcome IS NOT NULL) = (state IN ('generated', 'delivered', 'failed', 'cancelled'))),
  CHECK ((ended_at IS NOT NULL) = (state IN ('delivered', 'failed', 'cancelled'))),
  CHECK (outcome <> 'answered' OR answer IS NOT NULL)
);
-- P3: one open turn per thread.
CREATE UNIQUE INDEX turn_one_open ON turn (thread_id) WHERE state IN ('active', 'waiting', 'generated');
CREATE INDEX turn_queued ON turn (thread_id, seq) WHERE state = 'queued';
CREATE INDEX turn_open ON turn (woken_at) WHERE state IN ('queued', 'active', 'waiting', 'generated');
CREATE INDEX turn_recent ON turn (tenant_id, created_at DESC, id DESC);
CREATE INDEX turn_channel ON turn (channel_id, created_at DESC);
CREATE INDEX turn_session ON turn (session_id, seq);

-- What the platform delivered, once (P2): the id is derived from client id, kind and the platform's key.
CREATE TABLE inbound_event (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL,
  channel_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('message', 'event', 'card_action')),
  -- Known by the gateway before the thread's row exists, so no foreign key.
  thread_id uuid,
  platform_message_id text,
  received_at timestamptz NOT NULL,
  -- Sealed: the frame as it came, reply link included.
  raw bytea NOT NULL,
  content jsonb,
  reply_webhook bytea,
  reply_webhook_expires_at timestamptz,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'processed', 'quarantined')),
  cause text,
  failures integer NOT NULL DEFAULT 0,
  turn_id uuid,
  wake integer NOT NULL DEFAULT 0,
  woken_at timestamptz NOT NULL DEFAULT now(),
  processed_at timestamptz,
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES channel (tenant_id, id),
  FOREIGN KEY (tenant_id, turn_id) REFERENCES turn (tenant_id, id)
);
CREATE INDEX inbound_event_lane ON inbound_event (thread_id, received_at, id) WHERE state = 'pending';
CREATE INDEX inbound_event_pending ON inbound_event (woken_at) WHERE state = 'pending';
CREATE INDEX inbound_event_turn ON inbound_event (turn_id) WHERE turn_id IS NOT NULL;
CREATE INDEX inbound_event_message ON inbound_event (platform_message_id);

CREATE TABLE message (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL,
  session_id uuid NOT NULL,
  turn_id uuid NOT NULL,
  turn_seq bigint NOT NULL,
  role text NOT NULL CHECK (role IN ('user', 'assistant')),
  text text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (tenant_id, session_id) REFERENCES session (tenant_id, id),
  FOREIGN KEY (tenant_id, turn_id) REFERENCES turn (tenant_id, id)
);
CREATE INDEX message_history ON message (session_id, turn_seq, role DESC, id);

-- How a text becomes visible: of a turn, or a plain reply to an event.
CREATE TABLE delivery (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL,
  channel_id uuid NOT NULL,
  turn_id uuid,
  event_id uuid,
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'delivered', 'undelivered')),
  way text CHECK (way IN ('card', 'webhook', 'robot')),
  -- The text of a plain reply; a turn's text is its answer.
  text text,
  locale text NOT NULL,
  target jsonb NOT NULL,
  reply_webhook bytea,
  reply_webhook_expires_at timestamptz,
  card_state text CHECK (card_state IN ('creating', 'open', 'finalising', 'finished', 'refused', 'debt', 'abandoned')),
  card_family text,
  error_code text,
  error_message text,
  attempt integer NOT NULL DEFAULT 0,
  lost_attempts integer NOT NULL DEFAULT 0,
  owner uuid,
  claimed_at timestamptz,
  wake integer NOT NULL DEFAULT 0,
  woken_at timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES channel (tenant_id, id),
  FOREIGN KEY (tenant_id, turn_id) REFERENCES turn (tenant_id, id),
  FOREIGN KEY (tenant_id, event_id) REFERENCES inbound_event (tenant_id, id),
  CHECK (num_nonnulls(turn_id, event_id) = 1),
  CHECK ((event_id IS NULL) OR (text IS NOT NULL)),
  CHECK ((ended_at IS NOT NULL) = (state <> 'open'))
);
-- P2: one answer per command, one open delivery per turn.
CREATE UNIQUE INDEX delivery_event ON delivery (event_id) WHERE event_id IS NOT NULL;
CREATE UNIQUE INDEX delivery_open_turn ON delivery (turn_id) WHERE turn_id IS NOT NULL AND state = 'open';
CREATE INDEX delivery_turn ON delivery (turn_id) WHERE turn_id IS NOT NULL;
CREATE INDEX delivery_open ON delivery (woken_at) WHERE state = 'open';
CREATE INDEX delivery_card_debt ON delivery (ended_at) WHERE card_state = 'debt';

-- The pieces of a text answer: "sending" is written before the call, "sent" after it.
CREATE TABLE delivery_piece (
  tenant_id uuid NOT NULL,
  delivery_id uuid NOT NULL,
  n integer NOT NULL CHECK (n > 0),
  total integer NOT NULL CHECK (total >= n),
  text text NOT NULL,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sending', 'sent')),
  way text CHECK (way IN ('webhook', 'robot')),
  tries integer NOT NULL DEFAULT 0,
  possibly_twice boolean NOT NULL DEFAULT false,
  sent_at timestamptz,
  PRIMARY KEY (delivery_id, n),
  FOREIGN KEY (tenant_id, delivery_id) REFERENCES delivery (tenant_id, id)
);

-- The checkpoints of a turn, for operators (field note 14).
CREATE TABLE turn_step (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id uuid NOT NULL,
  turn_id uuid NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  step text NOT NULL,
  detail jsonb,
  FOREIGN KEY (tenant_id, turn_id) REFERENCES turn (tenant_id, id)
);
CREATE INDEX turn_step_turn ON turn_step (turn_id, id);
`;
