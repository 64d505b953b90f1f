/** How models are reached and priced, where other kinds of agents live, which tools there are. Secrets are sealed bytes (P8). */
export const agentConfiguration = `
ALTER TABLE model
  -- Sealed JSON of further request headers, and the sealed URL of a proxy.
  ADD COLUMN headers bytea,
  ADD COLUMN proxy bytea,
  ADD COLUMN timeouts jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN prices jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN context_tokens integer CHECK (context_tokens > 0),
  ADD COLUMN sees_images boolean NOT NULL DEFAULT false;

ALTER TABLE agent_version
  ADD COLUMN show_reasoning boolean NOT NULL DEFAULT false,
  -- Of kinds http and dify.
  ADD COLUMN endpoint_url text,
  ADD COLUMN endpoint_secret bytea,
  ADD COLUMN trusted_address boolean NOT NULL DEFAULT false;

-- Tools that others run, by the Model Context Protocol.
CREATE TABLE tool_server (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  name text NOT NULL CHECK (name ~ '^[a-z][a-z0-9_]{0,31}$'),
  transport text NOT NULL CHECK (transport IN ('http', 'sse', 'stdio')),
  url text,
  headers bytea,
  -- A name of the operator's list, never a command line.
  command text,
  trusted_address boolean NOT NULL DEFAULT false,
  -- NULL: all it offers.
  allowed_tools text[],
  ask_first text[] NOT NULL DEFAULT '{}',
  -- Beyond those the server itself declares so.
  read_only text[] NOT NULL DEFAULT '{}',
  timeout_seconds integer NOT NULL DEFAULT 30 CHECK (timeout_seconds BETWEEN 1 AND 600),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  revision integer NOT NULL DEFAULT 1,
  deleted_at timestamptz,
  UNIQUE (tenant_id, id),
  CHECK (CASE transport WHEN 'stdio' THEN command IS NOT NULL ELSE url IS NOT NULL END)
);
CREATE UNIQUE INDEX tool_server_name ON tool_server (tenant_id, name) WHERE deleted_at IS NULL;

-- What an outside agent calls the session.
CREATE TABLE agent_conversation (
  tenant_id uuid NOT NULL,
  session_id uuid NOT NULL,
  agent_id uuid NOT NULL,
  conversation text NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (session_id, agent_id),
  FOREIGN KEY (tenant_id, session_id) REFERENCES session (tenant_id, id),
  FOREIGN KEY (tenant_id, agent_id) REFERENCES agent (tenant_id, id)
);
`;
