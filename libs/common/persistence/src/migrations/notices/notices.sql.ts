/** Messages that nobody asked for in chat. */
export const noticeTables = `
CREATE TABLE notice (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL,
  channel_id uuid NOT NULL,
  -- The sender's own name for it: one of each, however often it is asked for.
  idempotency_key text CHECK (idempotency_key <> ''),
  request_hash text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('text', 'markdown', 'card')),
  -- title, text, buttons
  content jsonb NOT NULL,
  state text NOT NULL DEFAULT 'scheduled' CHECK (state IN ('scheduled', 'sending', 'sent', 'cancelled')),
  send_at timestamptz NOT NULL,
  cancel_requested_at timestamptz,
  recall_requested_at timestamptz,
  -- Something is to be done: send, take back, ask who read it, show a click.
  todo boolean NOT NULL DEFAULT true,
  attempt integer NOT NULL DEFAULT 0,
  owner uuid,
  claimed_at timestamptz,
  wake integer NOT NULL DEFAULT 0,
  -- Sweepers leave it alone until then.
  wake_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  ended_at timestamptz,
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES channel (tenant_id, id)
);
CREATE UNIQUE INDEX notice_idempotency ON notice (tenant_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX notice_todo ON notice (wake_at) WHERE todo;
CREATE INDEX notice_recent ON notice (tenant_id, created_at DESC, id DESC);
CREATE INDEX notice_channel ON notice (channel_id, created_at DESC);

-- One person or group of a notice, and what became of it there. Its id names the card.
CREATE TABLE notice_recipient (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL,
  notice_id uuid NOT NULL,
  n integer NOT NULL CHECK (n > 0),
  kind text NOT NULL CHECK (kind IN ('person', 'group')),
  member_id uuid,
  -- Staff id or open conversation id. NULL: none is known, so nothing can be sent.
  address text,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN
    ('pending', 'sending', 'sent', 'invalid', 'flow_controlled', 'failed', 'unknown', 'cancelled')),
  error_code text,
  -- Calls that were begun and may have had their effect.
  tries integer NOT NULL DEFAULT 0,
  -- How often the platform asked to wait for this person.
  waits integer NOT NULL DEFAULT 0,
  not_before timestamptz NOT NULL DEFAULT '-infinity',
  -- Those that go in one call.
  parcel uuid,
  possibly_twice boolean NOT NULL DEFAULT false,
  -- The platform's name of the message, for recall and receipts.
  message_key text,
  sent_at timestamptz,
  recall text CHECK (recall IN ('asked', 'recalled', 'failed')),
  recall_error text,
  receipt text CHECK (receipt IN ('asked', 'unread', 'read', 'failed')),
  -- Of a group: how many read it.
  readers integer,
  receipt_at timestamptz,
  UNIQUE (tenant_id, id),
  UNIQUE (notice_id, n),
  UNIQUE (notice_id, kind, address),
  FOREIGN KEY (tenant_id, notice_id) REFERENCES notice (tenant_id, id),
  FOREIGN KEY (tenant_id, member_id) REFERENCES member (tenant_id, id)
);
CREATE INDEX notice_recipient_open ON notice_recipient (notice_id, n) WHERE state IN ('pending', 'sending');
CREATE INDEX notice_recipient_asked ON notice_recipient (notice_id, n) WHERE recall = 'asked' OR receipt = 'asked';

-- Who clicked what on a notice's card. Clicked again it is the same row.
CREATE TABLE notice_click (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL,
  notice_id uuid NOT NULL,
  recipient_id uuid NOT NULL,
  button_id text NOT NULL,
  staff_id text NOT NULL,
  member_id uuid,
  clicked_at timestamptz NOT NULL DEFAULT now(),
  -- The card says so.
  shown boolean NOT NULL DEFAULT false,
  UNIQUE (recipient_id, staff_id, button_id),
  FOREIGN KEY (tenant_id, notice_id) REFERENCES notice (tenant_id, id),
  FOREIGN KEY (tenant_id, recipient_id) REFERENCES notice_recipient (tenant_id, id),
  FOREIGN KEY (tenant_id, member_id) REFERENCES member (tenant_id, id)
);
CREATE INDEX notice_click_notice ON notice_click (notice_id, clicked_at, id);
CREATE INDEX notice_click_unshown ON notice_click (notice_id) WHERE NOT shown;
`;
