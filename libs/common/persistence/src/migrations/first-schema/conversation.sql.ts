/** Who talks where. */
export const conversationTables = `
CREATE TABLE member (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  name text NOT NULL DEFAULT '',
  locale text CHECK (locale IN ('zh', 'en')),
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, id)
);

-- A platform id that means a member. Opaque ids tell people apart within one bot only, so they carry its channel.
CREATE TABLE identity (
  tenant_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('staff', 'union', 'opaque')),
  realm text NOT NULL,
  value text NOT NULL,
  member_id uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, kind, realm, value),
  FOREIGN KEY (tenant_id, member_id) REFERENCES member (tenant_id, id)
);
CREATE INDEX identity_member ON identity (tenant_id, member_id);

CREATE TABLE conversation (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL,
  channel_id uuid NOT NULL,
  platform_id text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('direct', 'group')),
  title text,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, id),
  UNIQUE (channel_id, platform_id),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES channel (tenant_id, id)
);

-- Where order is kept. Its row lock serialises everything that happens in it.
CREATE TABLE thread (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL,
  channel_id uuid NOT NULL,
  conversation_id uuid NOT NULL,
  -- NULL when the channel's scope is "group": the conversation shares one thread.
  member_id uuid,
  current_session_id uuid,
  last_seq bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES channel (tenant_id, id),
  FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversation (tenant_id, id),
  FOREIGN KEY (tenant_id, member_id) REFERENCES member (tenant_id, id)
);

CREATE TABLE session (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL,
  thread_id uuid NOT NULL,
  number integer NOT NULL CHECK (number > 0),
  title text,
  started_at timestamptz NOT NULL DEFAULT now(),
  last_activity_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  UNIQUE (tenant_id, id),
  UNIQUE (thread_id, number),
  FOREIGN KEY (tenant_id, thread_id) REFERENCES thread (tenant_id, id)
);
CREATE INDEX session_recent ON session (tenant_id, last_activity_at DESC, id DESC);
ALTER TABLE thread ADD FOREIGN KEY (tenant_id, current_session_id) REFERENCES session (tenant_id, id);
`;
