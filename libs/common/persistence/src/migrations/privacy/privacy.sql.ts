/** How long words are kept, what must not be touched, and what was erased. */
export const privacyColumns = `
ALTER TABLE channel
  -- NULL: for ever.
  ADD COLUMN retention_days integer CHECK (retention_days > 0),
  ADD COLUMN legal_hold boolean NOT NULL DEFAULT false;
ALTER TABLE member
  ADD COLUMN legal_hold boolean NOT NULL DEFAULT false,
  -- Somebody asked for it; done again until nothing is under way any more.
  ADD COLUMN erase_requested_at timestamptz,
  ADD COLUMN erased_at timestamptz;
CREATE INDEX member_erasing ON member (erase_requested_at) WHERE erase_requested_at IS NOT NULL;

-- Its words are gone; its numbers stay.
ALTER TABLE turn ADD COLUMN erased_at timestamptz;
CREATE INDEX turn_kept ON turn (channel_id, created_at) WHERE erased_at IS NULL;
CREATE INDEX inbound_event_kept ON inbound_event (channel_id, received_at) WHERE raw <> '\\x'::bytea;
`;

export const erasingFunctions = `
-- Takes the words out of journal rows and of the plain replies to them. What tells a redelivery stays.
CREATE FUNCTION erase_events(p_tenant uuid, p_events uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE inbound_event e SET raw = '', content = NULL, reply_webhook = NULL, cause = NULL
    WHERE e.tenant_id = p_tenant AND e.id = ANY (p_events);
  DELETE FROM delivery_piece p USING delivery d
    WHERE d.tenant_id = p_tenant AND d.event_id = ANY (p_events) AND p.delivery_id = d.id;
  UPDATE delivery d SET text = '', target = jsonb_build_object('kind', d.target ->> 'kind'), reply_webhook = NULL, error_message = NULL
    WHERE d.tenant_id = p_tenant AND d.event_id = ANY (p_events) AND d.state <> 'open';
END $$;

-- Takes the words out of ended turns and of all that hangs on them. Summaries of their sessions go, too: they are made again
-- from what is left. Objects of files must be gone before.
CREATE FUNCTION erase_turns(p_tenant uuid, p_turns uuid[]) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  v_turns uuid[];
BEGIN
  SELECT array_agg(t.id) INTO v_turns FROM turn t
    WHERE t.tenant_id = p_tenant AND t.id = ANY (p_turns) AND t.ended_at IS NOT NULL;
  IF v_turns IS NULL THEN
    RETURN 0;
  END IF;
  DELETE FROM message m WHERE m.tenant_id = p_tenant AND m.turn_id = ANY (v_turns);
  DELETE FROM turn_wait w WHERE w.tenant_id = p_tenant AND w.turn_id = ANY (v_turns);
  UPDATE tool_call c SET key = c.id::text, arguments = '{}', result = NULL WHERE c.tenant_id = p_tenant AND c.turn_id = ANY (v_turns);
  DELETE FROM feedback f WHERE f.tenant_id = p_tenant AND f.turn_id = ANY (v_turns) AND f.kind = 'text';
  DELETE FROM session_summary s USING turn t
    WHERE t.tenant_id = p_tenant AND t.id = ANY (v_turns) AND s.session_id = t.session_id;
  UPDATE session s SET title = NULL FROM turn t
    WHERE t.tenant_id = p_tenant AND t.id = ANY (v_turns) AND s.id = t.session_id AND s.title IS NOT NULL;
  DELETE FROM delivery_piece p USING delivery d
    WHERE d.tenant_id = p_tenant AND d.turn_id = ANY (v_turns) AND p.delivery_id = d.id;
  UPDATE delivery d SET target = jsonb_build_object('kind', d.target ->> 'kind'), reply_webhook = NULL, error_message = NULL
    WHERE d.tenant_id = p_tenant AND d.turn_id = ANY (v_turns);
  PERFORM erase_events(p_tenant, ARRAY(
    SELECT e.id FROM inbound_event e WHERE e.tenant_id = p_tenant AND e.turn_id = ANY (v_turns)));
  UPDATE turn t SET answer = CASE WHEN t.answer IS NOT NULL THEN '' END, error_message = NULL, erased_at = now()
    WHERE t.tenant_id = p_tenant AND t.id = ANY (v_turns);
  RETURN cardinality(v_turns);
END $$;

-- Says of files whose objects are gone that they are.
CREATE FUNCTION erase_files(p_tenant uuid, p_files uuid[]) RETURNS void LANGUAGE sql AS $$
  UPDATE file f SET state = 'erased', object_key = NULL, name = NULL, download_code = NULL, text = NULL, detail = NULL, sha256 = NULL,
         settled_at = COALESCE(f.settled_at, now())
    WHERE f.tenant_id = p_tenant AND f.id = ANY (p_files)
$$;

-- Takes out what is known of a person beyond their turns: who they are, what is remembered of them, their own chats' names.
CREATE FUNCTION erase_person(p_tenant uuid, p_member uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM identity i WHERE i.tenant_id = p_tenant AND i.member_id = p_member;
  DELETE FROM member_memory m WHERE m.tenant_id = p_tenant AND m.member_id = p_member;
  DELETE FROM feedback f WHERE f.tenant_id = p_tenant AND f.member_id = p_member AND f.kind = 'text';
  DELETE FROM agent_conversation a USING session s JOIN thread t ON t.id = s.thread_id
    WHERE a.session_id = s.id AND t.tenant_id = p_tenant AND t.member_id = p_member;
  DELETE FROM session_summary a USING session s JOIN thread t ON t.id = s.thread_id
    WHERE a.session_id = s.id AND t.tenant_id = p_tenant AND t.member_id = p_member;
  UPDATE session s SET title = NULL FROM thread t WHERE t.id = s.thread_id AND t.tenant_id = p_tenant AND t.member_id = p_member;
  UPDATE conversation c SET title = NULL FROM thread t
    WHERE t.conversation_id = c.id AND c.kind = 'direct' AND t.tenant_id = p_tenant AND t.member_id = p_member;
  UPDATE notice_click n SET staff_id = '' WHERE n.tenant_id = p_tenant AND n.member_id = p_member;
  UPDATE member m SET name = '', attributes = '{}', locale = NULL, role = 'member', erased_at = COALESCE(m.erased_at, now()), updated_at = now()
    WHERE m.tenant_id = p_tenant AND m.id = p_member;
END $$;
`;
