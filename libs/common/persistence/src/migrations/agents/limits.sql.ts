/** What may be spent and what may be said. */
export const limitTables = `
CREATE TABLE budget (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  scope text NOT NULL CHECK (scope IN ('tenant', 'channel', 'member')),
  -- NULL: every channel, or every member, has this much.
  channel_id uuid,
  member_id uuid,
  period text NOT NULL CHECK (period IN ('day', 'month')),
  unit text NOT NULL CHECK (unit IN ('tokens', 'cost', 'turns')),
  soft numeric CHECK (soft > 0),
  hard numeric CHECK (hard > 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  revision integer NOT NULL DEFAULT 1,
  deleted_at timestamptz,
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES channel (tenant_id, id),
  FOREIGN KEY (tenant_id, member_id) REFERENCES member (tenant_id, id),
  CHECK (num_nonnulls(soft, hard) > 0),
  CHECK (channel_id IS NULL OR scope = 'channel'),
  CHECK (member_id IS NULL OR scope = 'member')
);
CREATE INDEX budget_tenant ON budget (tenant_id, created_at, id) WHERE deleted_at IS NULL;

CREATE TABLE content_rule (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenant (id),
  name text NOT NULL CHECK (name <> ''),
  -- NULL: every channel.
  channel_id uuid,
  direction text NOT NULL CHECK (direction IN ('in', 'out', 'both')),
  action text NOT NULL CHECK (action IN ('deny', 'mask')),
  words text[] NOT NULL DEFAULT '{}',
  kinds text[] NOT NULL DEFAULT '{}',
  enabled boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  revision integer NOT NULL DEFAULT 1,
  deleted_at timestamptz,
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES channel (tenant_id, id)
);
CREATE INDEX content_rule_tenant ON content_rule (tenant_id, created_at, id) WHERE deleted_at IS NULL;

-- That a rule was applied, never to what words.
CREATE TABLE content_finding (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant_id uuid NOT NULL,
  turn_id uuid NOT NULL,
  rule_id uuid NOT NULL,
  direction text NOT NULL CHECK (direction IN ('in', 'out')),
  action text NOT NULL,
  hits integer NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (tenant_id, turn_id) REFERENCES turn (tenant_id, id),
  FOREIGN KEY (tenant_id, rule_id) REFERENCES content_rule (tenant_id, id)
);
CREATE INDEX content_finding_tenant ON content_finding (tenant_id, id);
`;
