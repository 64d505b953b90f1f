/** What administrators set up. Secrets are sealed bytes (P8). Deleted rows stay: history points at them. */
export const configurationTables = `
CREATE TABLE organization (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  corp_id text NOT NULL CHECK (corp_id <> ''),
  name text NOT NULL,
  edition text NOT NULL DEFAULT 'standard' CHECK (edition IN ('standard', 'pro', 'package')),
  api_calls_per_month integer CHECK (api_calls_per_month >= 0),
  messages_per_month integer CHECK (messages_per_month >= 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  revision integer NOT NULL DEFAULT 1,
  deleted_at timestamptz,
  UNIQUE (tenant_id, id)
);
CREATE UNIQUE INDEX organization_corp ON organization (tenant_id, corp_id) WHERE deleted_at IS NULL;

CREATE TABLE model (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  name text NOT NULL CHECK (name <> ''),
  provider text NOT NULL CHECK (provider IN ('openai-compatible', 'anthropic', 'demo')),
  base_url text,
  api_key bytea,
  upstream_model text,
  params jsonb NOT NULL DEFAULT '{}',
  -- Written with a platform key: its address may be private (design §8, OUTBOUND_ALLOW).
  trusted_address boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  revision integer NOT NULL DEFAULT 1,
  deleted_at timestamptz,
  UNIQUE (tenant_id, id)
);

CREATE TABLE agent (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  name text NOT NULL CHECK (name <> ''),
  current_version_id uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  revision integer NOT NULL DEFAULT 1,
  deleted_at timestamptz,
  UNIQUE (tenant_id, id)
);

-- Every change of an agent is a version; a turn keeps the one it started with.
CREATE TABLE agent_version (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  agent_id uuid NOT NULL,
  version integer NOT NULL CHECK (version > 0),
  kind text NOT NULL CHECK (kind IN ('llm', 'http', 'dify', 'demo')),
  instructions text NOT NULL DEFAULT '',
  model_id uuid,
  fallback_model_id uuid,
  tools jsonb NOT NULL DEFAULT '[]',
  limits jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, id),
  UNIQUE (agent_id, version),
  FOREIGN KEY (tenant_id, agent_id) REFERENCES agent (tenant_id, id),
  FOREIGN KEY (tenant_id, model_id) REFERENCES model (tenant_id, id),
  FOREIGN KEY (tenant_id, fallback_model_id) REFERENCES model (tenant_id, id)
);
ALTER TABLE agent ADD FOREIGN KEY (tenant_id, current_version_id) REFERENCES agent_version (tenant_id, id);

CREATE TABLE channel (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  name text NOT NULL CHECK (name <> ''),
  type text NOT NULL DEFAULT 'dingtalk' CHECK (type = 'dingtalk'),
  client_id text NOT NULL CHECK (client_id <> ''),
  client_secret bytea NOT NULL,
  robot_code text,
  organization_id uuid,
  default_agent_id uuid,
  default_model_id uuid,
  enabled boolean NOT NULL DEFAULT true,
  locale text NOT NULL DEFAULT 'zh' CHECK (locale IN ('zh', 'en')),
  card jsonb NOT NULL,
  session jsonb NOT NULL,
  access jsonb NOT NULL DEFAULT '{}',
  busy text NOT NULL DEFAULT 'queue' CHECK (busy IN ('queue', 'collect', 'steer')),
  calls_per_second numeric CHECK (calls_per_second > 0),
  member_mapping jsonb NOT NULL DEFAULT '{"mode":"staff_id"}',
  callback bytea,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  revision integer NOT NULL DEFAULT 1,
  deleted_at timestamptz,
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, organization_id) REFERENCES organization (tenant_id, id),
  FOREIGN KEY (tenant_id, default_agent_id) REFERENCES agent (tenant_id, id),
  FOREIGN KEY (tenant_id, default_model_id) REFERENCES model (tenant_id, id)
);
-- Two channels with one client id would steal each other's messages, whoever's they are.
CREATE UNIQUE INDEX channel_client_id ON channel (client_id) WHERE deleted_at IS NULL;
CREATE INDEX channel_tenant ON channel (tenant_id, created_at, id);

-- What one gateway knows of one channel's connection; true only while that gateway's incarnation is seen.
CREATE TABLE channel_connection (
  tenant_id uuid NOT NULL,
  channel_id uuid NOT NULL,
  gateway_id uuid NOT NULL REFERENCES incarnation (id) ON DELETE CASCADE,
  state text NOT NULL,
  code text NOT NULL,
  message text NOT NULL,
  user_action text,
  connected_at timestamptz,
  last_error jsonb,
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (channel_id, gateway_id),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES channel (tenant_id, id)
);

-- What an administrator must know of a channel beyond its connection (missing card permission, quota …).
CREATE TABLE channel_notice (
  tenant_id uuid NOT NULL,
  channel_id uuid NOT NULL,
  code text NOT NULL,
  message text NOT NULL,
  user_action text,
  at timestamptz NOT NULL DEFAULT now(),
  until timestamptz,
  PRIMARY KEY (channel_id, code),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES channel (tenant_id, id)
);
`;
