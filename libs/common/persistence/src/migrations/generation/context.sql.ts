/** What an agent may know beyond the words of the session. */
export const contextTables = `
-- What is remembered of a person. What was learned in a direct chat stays there unless the person marked it as shared.
CREATE TABLE member_memory (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL,
  member_id uuid NOT NULL,
  text text NOT NULL CHECK (text <> '' AND length(text) <= 2000),
  origin text NOT NULL CHECK (origin IN ('direct', 'group')),
  shared boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, member_id) REFERENCES member (tenant_id, id)
);
CREATE INDEX member_memory_member ON member_memory (tenant_id, member_id, created_at);

-- The older turns of a session in few words, up to and including this one.
CREATE TABLE session_summary (
  session_id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL,
  up_to_seq bigint NOT NULL,
  text text NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (tenant_id, session_id) REFERENCES session (tenant_id, id)
);

-- A call of a tool by a turn. "key" is name and arguments; the same call may be made again ("n").
CREATE TABLE tool_call (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL,
  turn_id uuid NOT NULL,
  attempt integer NOT NULL,
  key text NOT NULL,
  n integer NOT NULL CHECK (n > 0),
  name text NOT NULL,
  arguments jsonb NOT NULL,
  is_read_only boolean NOT NULL,
  state text NOT NULL CHECK (state IN ('running', 'finished', 'failed', 'unknown', 'asked', 'confirmed', 'declined')),
  result text,
  error_code text,
  started_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  expires_at timestamptz,
  UNIQUE (turn_id, key, n),
  FOREIGN KEY (tenant_id, turn_id) REFERENCES turn (tenant_id, id)
);
`;
