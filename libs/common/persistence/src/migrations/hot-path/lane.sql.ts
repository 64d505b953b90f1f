import { BY_KEY } from './settings.sql';

/** What a dispatcher asks of a thread: its lock, its next event and who asks, in one round trip. */
export const laneNext = `
-- Locks a thread for the rest of the transaction and reads its first pending event, with everything needed to decide what
-- becomes of it. The lock is a statement of its own, so the next one sees what it waited for. has_thread is false when there
-- is no such thread yet; event is NULL when nothing waits. Times are milliseconds, bytes base64.
CREATE OR REPLACE FUNCTION lane_next(p_tenant uuid, p_thread uuid, OUT has_thread boolean, OUT event json)
LANGUAGE plpgsql ${BY_KEY} AS $$
DECLARE
  v_thread record;
BEGIN
  SELECT th.member_id, th.last_seq, th.current_session_id INTO v_thread FROM thread th
    WHERE th.tenant_id IS NOT DISTINCT FROM p_tenant AND th.id = p_thread FOR UPDATE;
  has_thread := FOUND;
  IF NOT has_thread THEN
    RETURN;
  END IF;
  SELECT row_to_json(n) INTO event FROM (
    SELECT e.id, e.content, extract(epoch FROM e.received_at) * 1000 AS received_at,
           EXISTS (SELECT 1 FROM inbound_event b WHERE b.tenant_id IS NOT DISTINCT FROM p_tenant AND b.thread_id = p_thread
                      AND b.state = 'pending' AND (b.received_at, b.id) > (e.received_at, e.id)) AS has_more,
           encode(e.reply_webhook, 'base64') AS reply_webhook,
           extract(epoch FROM e.reply_webhook_expires_at) * 1000 AS reply_webhook_expires_at,
           c.id AS channel_id, c.name, c.client_id, c.robot_code, c.enabled AND c.deleted_at IS NULL AS enabled, c.locale,
           c.session, c.member_mapping, c.busy, c.access, c.service, c.welcome, c.choices, c.default_agent_id, c.default_model_id,
           a.current_version_id, EXISTS (SELECT 1 FROM channel_override o WHERE o.channel_id = c.id) AS has_overrides,
           v_thread.member_id, v_thread.last_seq,
           EXISTS (SELECT 1 FROM turn w WHERE w.thread_id = p_thread AND w.state = 'waiting') AS is_asked,
           s.id AS session_id, s.number AS session_number, extract(epoch FROM s.last_activity_at) * 1000 AS last_activity_at,
           (SELECT row_to_json(known) FROM (
             SELECT m.name, m.role, m.attributes, COALESCE(mc.locale, m.locale) AS locale, mc.agent_id, mc.model_id, mc.pairing,
                    mc.welcomed_at IS NOT NULL AS welcomed,
                    CASE WHEN mc.minute_at = date_trunc('minute', now()) THEN mc.minute_questions ELSE 0 END AS minute_questions,
                    CASE WHEN mc.minute_at = date_trunc('minute', now()) THEN mc.minute_commands ELSE 0 END AS minute_commands,
                    CASE WHEN mc.day_on = (now() AT TIME ZONE 'Asia/Shanghai')::date THEN mc.day_questions ELSE 0 END AS day_questions,
                    (SELECT count(*)::int FROM turn q WHERE q.thread_id = p_thread AND q.state = 'queued') AS queued
               FROM member m LEFT JOIN member_channel mc ON mc.member_id = m.id AND mc.channel_id = c.id
              WHERE m.tenant_id IS NOT DISTINCT FROM p_tenant AND m.id = v_thread.member_id) known) AS asker
      FROM (SELECT p.* FROM inbound_event p
             WHERE p.tenant_id IS NOT DISTINCT FROM p_tenant AND p.thread_id = p_thread AND p.state = 'pending'
             ORDER BY p.received_at, p.id LIMIT 1 FOR UPDATE) e
      JOIN channel c ON c.tenant_id IS NOT DISTINCT FROM p_tenant AND c.id = e.channel_id
      LEFT JOIN session s ON s.tenant_id IS NOT DISTINCT FROM p_tenant AND s.id = v_thread.current_session_id
      LEFT JOIN agent a ON a.tenant_id IS NOT DISTINCT FROM p_tenant AND a.id = c.default_agent_id AND a.deleted_at IS NULL) n;
END $$;
`;
