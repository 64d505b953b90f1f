import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What a person chose in a channel, what they say of answers; and the end of a turn that was
 * never begun.
 */
export class DispatcherGround1764027417000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(TABLES);
    await runner.query(END_QUEUED_TURN);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const TABLES = `
ALTER TABLE member
  ADD COLUMN role text NOT NULL DEFAULT 'member' CHECK (role IN ('member', 'admin')),
  -- What is known of the person beyond the name: departments, e-mail, title. Access rules read it.
  ADD COLUMN attributes jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now();

-- One person in one channel: what they chose there, and how they stand there.
CREATE TABLE member_channel (
  tenant_id uuid NOT NULL,
  member_id uuid NOT NULL,
  channel_id uuid NOT NULL,
  agent_id uuid,
  model_id uuid,
  locale text CHECK (locale IN ('zh', 'en')),
  -- NULL: nobody asked for approval yet.
  pairing text CHECK (pairing IN ('pending', 'approved', 'denied')),
  pairing_asked_at timestamptz,
  pairing_decided_at timestamptz,
  welcomed_at timestamptz,
  -- The last polite refusal; a flood is not answered one to one.
  refused_at timestamptz,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (member_id, channel_id),
  FOREIGN KEY (tenant_id, member_id) REFERENCES member (tenant_id, id),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES channel (tenant_id, id),
  FOREIGN KEY (tenant_id, agent_id) REFERENCES agent (tenant_id, id),
  FOREIGN KEY (tenant_id, model_id) REFERENCES model (tenant_id, id)
);
CREATE INDEX member_channel_pairing ON member_channel (tenant_id, channel_id, pairing_asked_at)
  WHERE pairing = 'pending';

-- What people say of answers: a thumb, or words.
CREATE TABLE feedback (
  id uuid PRIMARY KEY,
  tenant_id uuid NOT NULL,
  channel_id uuid NOT NULL,
  -- NULL: said of the bot as such.
  turn_id uuid,
  agent_version_id uuid,
  member_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('up', 'down', 'text')),
  text text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, id),
  UNIQUE (turn_id, member_id, kind),
  CHECK (kind <> 'text' OR text IS NOT NULL),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES channel (tenant_id, id),
  FOREIGN KEY (tenant_id, turn_id) REFERENCES turn (tenant_id, id),
  FOREIGN KEY (tenant_id, agent_version_id) REFERENCES agent_version (tenant_id, id),
  FOREIGN KEY (tenant_id, member_id) REFERENCES member (tenant_id, id)
);
CREATE INDEX feedback_recent ON feedback (tenant_id, created_at DESC, id DESC);

-- The model that the asker chose; NULL: the agent's, else the channel's.
ALTER TABLE turn ADD COLUMN model_id uuid;
ALTER TABLE turn ADD FOREIGN KEY (tenant_id, model_id) REFERENCES model (tenant_id, id);
CREATE INDEX turn_member ON turn (member_id, channel_id, created_at DESC);
CREATE INDEX turn_retry ON turn (retry_of) WHERE retry_of IS NOT NULL;

-- How a bot behaves towards people, by the domain's schemas; absent keys are defaults.
ALTER TABLE channel
  ADD COLUMN welcome jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN service jsonb NOT NULL DEFAULT '{}',
  ADD COLUMN choices jsonb NOT NULL DEFAULT '{}';
ALTER TABLE conversation ADD COLUMN welcomed_at timestamptz;

-- What was written beside the words: pictures, files, quotes, forwarded messages (see the domain's MessagePart).
ALTER TABLE message ADD COLUMN parts jsonb;
`;

const END_QUEUED_TURN = `
-- Ends a turn that nobody has begun with; its delivery ends with it, and a card that already shows its place in the
-- queue becomes a debt. The caller holds the thread's row lock. False when it was begun or ended before.
CREATE FUNCTION end_queued_turn(p_tenant uuid, p_turn uuid, p_by text)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  UPDATE turn t SET state = 'cancelled', outcome = 'cancelled', cancel_requested_at = now(), ended_at = now()
    WHERE t.tenant_id = p_tenant AND t.id = p_turn AND t.state = 'queued';
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  UPDATE delivery d
    SET state = 'undelivered', error_code = 'cancelled', error_message = 'cancelled before it was asked', ended_at = now(),
        card_state = CASE WHEN d.card_state IN ('creating', 'open', 'finalising') THEN 'debt' ELSE d.card_state END
    WHERE d.tenant_id = p_tenant AND d.turn_id = p_turn AND d.state = 'open';
  INSERT INTO turn_step (tenant_id, turn_id, step, detail)
    VALUES (p_tenant, p_turn, 'cancelled', jsonb_build_object('by', p_by));
  RETURN true;
END $$;
`;
