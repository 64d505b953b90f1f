/** What a row of the audit log says, and what ties it to the one before. */
export const auditColumns = `
ALTER TABLE audit_log
  ADD COLUMN user_agent text,
  -- Counts up within the tenant, without gaps.
  ADD COLUMN seq bigint,
  -- Of before and after, salted: what they say can be erased (salt and all), and the chain still holds.
  ADD COLUMN content_salt uuid,
  ADD COLUMN content_digest bytea,
  -- SHA-256 of the row before it and of all that this row says.
  ADD COLUMN hash bytea;
CREATE UNIQUE INDEX audit_log_seq ON audit_log (tenant_id, seq);
CREATE INDEX audit_log_resource ON audit_log (tenant_id, resource_id, seq);

-- Where a tenant's chain ends; and where it begins, once its oldest rows were let go.
CREATE TABLE audit_head (
  tenant_id uuid PRIMARY KEY REFERENCES tenant (id),
  seq bigint NOT NULL DEFAULT 0,
  hash bytea NOT NULL DEFAULT '\\x',
  first_seq bigint NOT NULL DEFAULT 1,
  -- Of the last row that was let go; the row that let it go says the same.
  anchor bytea NOT NULL DEFAULT '\\x'
);

-- NULL: for ever.
ALTER TABLE tenant ADD COLUMN audit_retention_days integer CHECK (audit_retention_days > 0);
`;

export const auditFunctions = `
-- All that a row says, in one form. Whoever verifies hashes the hash of the row before it, then this text.
CREATE FUNCTION audit_content(r audit_log) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_array(r.id, r.tenant_id, r.seq, to_char(r.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), r.actor, r.action,
    r.resource, r.resource_id, r.correlation_id, r.ip, r.user_agent, encode(r.content_digest, 'hex'))::text
$$;
CREATE FUNCTION audit_digest(p_salt uuid, p_before jsonb, p_after jsonb) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256(convert_to(jsonb_build_array(p_salt, p_before, p_after)::text, 'UTF8'))
$$;

-- Ties a new row to the tenant's last one. The head's row lock puts writers of one tenant in order.
CREATE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  v_head audit_head;
BEGIN
  IF NEW.tenant_id IS NULL THEN
    RETURN NEW;
  END IF;
  INSERT INTO audit_head (tenant_id) VALUES (NEW.tenant_id) ON CONFLICT DO NOTHING;
  SELECT * INTO v_head FROM audit_head h WHERE h.tenant_id = NEW.tenant_id FOR UPDATE;
  NEW.at := clock_timestamp();
  NEW.seq := v_head.seq + 1;
  NEW.content_salt := gen_random_uuid();
  NEW.content_digest := audit_digest(NEW.content_salt, NEW.before, NEW.after);
  NEW.hash := sha256(v_head.hash || convert_to(audit_content(NEW), 'UTF8'));
  UPDATE audit_head h SET seq = NEW.seq, hash = NEW.hash WHERE h.tenant_id = NEW.tenant_id;
  RETURN NEW;
END $$;

CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF COALESCE(current_setting('carillon.audit', true), '') <> TG_OP THEN
    RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

-- Lets the tenant's rows go that are older than it keeps them, oldest first, at most so many; a row says so and names the
-- hash at which the chain now begins. @returns how many went
CREATE FUNCTION audit_expire(p_tenant uuid, p_most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  v_head audit_head;
  v_last record;
  v_count integer;
BEGIN
  SELECT h.* INTO v_head FROM audit_head h WHERE h.tenant_id = p_tenant FOR UPDATE;
  SELECT a.seq, a.hash INTO v_last FROM audit_log a JOIN tenant t ON t.id = a.tenant_id
    WHERE a.tenant_id = p_tenant AND a.seq < v_head.first_seq + p_most AND a.seq < v_head.seq
      AND a.at < now() - t.audit_retention_days * interval '1 day'
    ORDER BY a.seq DESC LIMIT 1;
  IF v_last.seq IS NULL THEN
    RETURN 0;
  END IF;
  PERFORM set_config('carillon.audit', 'DELETE', true);
  DELETE FROM audit_log a WHERE a.tenant_id = p_tenant AND a.seq <= v_last.seq;
  GET DIAGNOSTICS v_count = ROW_COUNT;
  PERFORM set_config('carillon.audit', '', true);
  UPDATE audit_head h SET first_seq = v_last.seq + 1, anchor = v_last.hash WHERE h.tenant_id = p_tenant;
  INSERT INTO audit_log (tenant_id, actor, action, resource, after)
    VALUES (p_tenant, '{"service": "admin-api"}', 'audit.expire', 'audit',
      jsonb_build_object('firstSeq', v_last.seq + 1, 'anchor', encode(v_last.hash, 'hex')));
  RETURN v_count;
END $$;

-- Erases what these rows said before and after, of a person who is erased. They must be named in the row that says so.
CREATE FUNCTION audit_redact(p_tenant uuid, p_seqs bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('carillon.audit', 'UPDATE', true);
  UPDATE audit_log a SET before = NULL, after = NULL, content_salt = NULL WHERE a.tenant_id = p_tenant AND a.seq = ANY (p_seqs);
  PERFORM set_config('carillon.audit', '', true);
END $$;
`;

/** Rows from before the chain are tied together in the order they were written. */
export const chainWhatIsThere = `
DO $$
DECLARE
  r audit_log;
  v_head audit_head;
BEGIN
  INSERT INTO audit_head (tenant_id) SELECT id FROM tenant ON CONFLICT DO NOTHING;
  FOR r IN SELECT * FROM audit_log WHERE tenant_id IS NOT NULL ORDER BY tenant_id, id LOOP
    SELECT * INTO v_head FROM audit_head h WHERE h.tenant_id = r.tenant_id;
    r.seq := v_head.seq + 1;
    r.content_salt := gen_random_uuid();
    r.content_digest := audit_digest(r.content_salt, r.before, r.after);
    r.hash := sha256(v_head.hash || convert_to(audit_content(r), 'UTF8'));
    UPDATE audit_log a SET seq = r.seq, content_salt = r.content_salt, content_digest = r.content_digest, hash = r.hash WHERE a.id = r.id;
    UPDATE audit_head h SET seq = r.seq, hash = r.hash WHERE h.tenant_id = r.tenant_id;
  END LOOP;
END $$;

CREATE TRIGGER audit_log_chain BEFORE INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION audit_chain();
CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION audit_append_only();
CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();
`;
