/** Monthly allowances (messaging reference §7.2). Months are those of the platform: Asia/Shanghai. */
export const allowanceTables = `
CREATE TABLE organization_usage (
  tenant_id uuid NOT NULL,
  organization_id uuid NOT NULL,
  month date NOT NULL,
  api_calls bigint NOT NULL DEFAULT 0,
  -- Messages that went out by session webhook.
  webhook_messages bigint NOT NULL DEFAULT 0,
  -- Pushes that came in, counted from the journal up to that time.
  inbound_messages bigint NOT NULL DEFAULT 0,
  inbound_until timestamptz,
  answers bigint NOT NULL DEFAULT 0,
  -- The highest part of an allowance that administrators were told of, in percent.
  told integer NOT NULL DEFAULT 0,
  PRIMARY KEY (organization_id, month),
  FOREIGN KEY (tenant_id, organization_id) REFERENCES organization (tenant_id, id)
);

-- The platform's own word that an allowance is used up. It counts until the month ends or somebody changes the
-- organisation (or, without one, the channel): a larger edition was bought, or a limit was raised.
CREATE TABLE allowance_refusal (
  tenant_id uuid NOT NULL,
  channel_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('api', 'message')),
  refused_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (channel_id, kind),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES channel (tenant_id, id)
);

CREATE FUNCTION allowance_month() RETURNS date LANGUAGE sql STABLE AS $$
  SELECT date_trunc('month', now() AT TIME ZONE 'Asia/Shanghai')::date
$$;
CREATE FUNCTION allowance_month_start() RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT allowance_month()::timestamp AT TIME ZONE 'Asia/Shanghai'
$$;

CREATE FUNCTION allowance_refused(p_tenant uuid, p_channel uuid, p_kind text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT 1 FROM allowance_refusal r
      JOIN channel rc ON rc.id = r.channel_id
      JOIN channel c ON c.tenant_id = p_tenant AND c.id = p_channel
      LEFT JOIN organization o ON o.tenant_id = c.tenant_id AND o.id = c.organization_id
     WHERE r.tenant_id = p_tenant AND r.kind = p_kind AND r.refused_at >= allowance_month_start()
       AND (rc.id = c.id OR rc.organization_id = c.organization_id)
       AND r.refused_at > COALESCE(o.updated_at, c.updated_at))
$$;

-- All that is known of an organisation's allowances this month, given what it says of itself.
CREATE FUNCTION allowance_report(p_organization uuid, p_edition text, p_api_limit integer, p_message_limit integer)
RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
      'edition', p_edition, 'apiLimit', p_api_limit, 'messageLimit', p_message_limit,
      'apiUsed', COALESCE(u.api_calls, 0), 'webhookUsed', COALESCE(u.webhook_messages, 0),
      'inboundUsed', COALESCE(u.inbound_messages, 0), 'answers', COALESCE(u.answers, 0), 'month', allowance_month(),
      'elapsedDays', extract(epoch FROM now() - allowance_month_start()) / 86400.0,
      'monthDays', extract(day FROM allowance_month() + interval '1 month' - interval '1 day'))
    FROM (SELECT 1) one
    LEFT JOIN organization_usage u ON u.organization_id = p_organization AND u.month = allowance_month()
$$;
-- The same by id; NULL without an organisation.
CREATE FUNCTION allowance_of(p_tenant uuid, p_organization uuid) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT allowance_report(o.id, o.edition, o.api_calls_per_month, o.messages_per_month)
    FROM organization o WHERE o.tenant_id = p_tenant AND o.id = p_organization
$$;
CREATE INDEX channel_organization ON channel (organization_id) WHERE organization_id IS NOT NULL;
`;
