import { Injectable } from '@nestjs/common';

import type { Tx } from '@common/persistence';

import type { LaneEvent } from '../inbound/lane-event';
import type { Asker } from './asker';
import type { AskerRow } from './asker-row';

/** The occasion on which somebody is looked at; a click has no message. */
interface KnownBy {
  readonly tenantId: string;
  readonly threadId: string;
  readonly channel: Pick<LaneEvent['channel'], 'id' | 'locale' | 'access'>;
  readonly message?: Pick<LaneEvent['message'], 'isSenderAdmin' | 'sender' | 'corpId'>;
  readonly thread?: Pick<LaneEvent['thread'], 'memberId' | 'asker'>;
}

/** One person in one channel, as Postgres knows them. */
@Injectable()
export class AskersRepository {
  async know(tx: Tx, event: KnownBy, memberId: string): Promise<Asker> {
    const { channel, message, thread } = event;
    // What came with the event was read under the same lock, by the same clock.
    const told = thread?.memberId === memberId ? thread.asker : null;
    const row = told ?? (await this.row(tx, event, memberId));
    // The platform's own word counts for the message that carries it, and only from the bot's own organisation.
    const isOrgAdmin = message?.isSenderAdmin === true && message.sender.corpId === message.corpId;
    const isAdmin = row.role === 'admin' || isOrgAdmin;
    return {
      memberId,
      name: row.name,
      isAdmin,
      roles: [isAdmin ? 'admin' : 'member', ...textsOf(row.attributes.roles)],
      departments: textsOf(row.attributes.departments),
      locale: row.locale ?? channel.locale,
      agentId: row.agent_id,
      modelId: row.model_id,
      pairing: row.pairing,
      wasWelcomed: row.welcomed ?? false,
      taken: {
        minuteQuestions: row.minute_questions,
        minuteCommands: row.minute_commands,
        dayQuestions: row.day_questions,
      },
      channelTaken: await this.takenByChannel(tx, event),
      queued: row.queued,
    };
  }

  /** Counts what was accepted from a person. */
  async take(
    tx: Tx,
    { tenantId, channel }: { readonly tenantId: string; readonly channel: { readonly id: string } },
    memberId: string,
    what: 'question' | 'command',
  ): Promise<void> {
    const isQuestion = what === 'question' ? 1 : 0;
    await tx.query({ name: 'asker.take', text: TAKE }, [
      ...[tenantId, memberId, channel.id, isQuestion, 1 - isQuestion],
    ]);
  }

  /** @returns whether a refusal may be said now: one a minute and person, so that a flood is not answered one to one */
  async mayBeRefused(tx: Tx, event: LaneEvent, memberId: string): Promise<boolean> {
    const rows = await tx.query({ name: 'asker.refuse', text: REFUSE }, [
      ...[event.tenantId, memberId, event.channel.id],
    ]);
    return rows.length === 1;
  }

  async askForApproval(tx: Tx, event: LaneEvent, memberId: string): Promise<void> {
    await tx.query(ASK_FOR_APPROVAL, [event.tenantId, memberId, event.channel.id]);
  }

  /** @returns whether this is the person's first contact */
  async welcome(tx: Tx, event: LaneEvent, memberId: string): Promise<boolean> {
    const rows = await tx.query(WELCOME, [event.tenantId, memberId, event.channel.id]);
    return rows.length === 1;
  }

  private async row(
    tx: Tx,
    { tenantId, channel, threadId }: KnownBy,
    memberId: string,
  ): Promise<AskerRow> {
    const [row] = await tx.query<AskerRow>({ name: 'asker.know', text: KNOW }, [
      ...[tenantId, memberId, channel.id, threadId],
    ]);
    if (!row) throw new RangeError('no such member');
    return row;
  }

  /** Counted only as far as the limit, so that it stays cheap; dispatchers that count at once may pass it by a few. */
  private async takenByChannel(tx: Tx, { channel }: KnownBy): Promise<Asker['channelTaken']> {
    const { perMinute, perDay } = channel.access?.perChannel ?? {};
    if (perMinute === undefined && perDay === undefined) return { minute: 0, day: 0 };
    const [row] = await tx.query<{ minute: number; day: number }>(
      { name: 'asker.channel', text: CHANNEL },
      [channel.id, perMinute ?? 0, perDay ?? 0],
    );
    return row ?? { minute: 0, day: 0 };
  }
}

const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];

// Days are those of China, where DingTalk's own allowances are counted.
const TODAY = `(now() AT TIME ZONE 'Asia/Shanghai')::date`;
const THIS_MINUTE = `date_trunc('minute', now())`;

/** As `lane_next` reads it. */
const KNOW = `
SELECT m.name, m.role, m.attributes, COALESCE(mc.locale, m.locale) AS locale, mc.agent_id, mc.model_id, mc.pairing,
       mc.welcomed_at IS NOT NULL AS welcomed,
       CASE WHEN mc.minute_at = ${THIS_MINUTE} THEN mc.minute_questions ELSE 0 END AS minute_questions,
       CASE WHEN mc.minute_at = ${THIS_MINUTE} THEN mc.minute_commands ELSE 0 END AS minute_commands,
       CASE WHEN mc.day_on = ${TODAY} THEN mc.day_questions ELSE 0 END AS day_questions,
       (SELECT count(*)::int FROM turn t WHERE t.thread_id = $4 AND t.state = 'queued') AS queued
  FROM member m LEFT JOIN member_channel mc ON mc.member_id = m.id AND mc.channel_id = $3
 WHERE m.tenant_id = $1 AND m.id = $2`;

const TAKE = `
INSERT INTO member_channel AS mc (tenant_id, member_id, channel_id, minute_at, minute_questions, minute_commands, day_on,
                                  day_questions)
VALUES ($1, $2, $3, ${THIS_MINUTE}, $4, $5, ${TODAY}, $4)
ON CONFLICT (member_id, channel_id) DO UPDATE
   SET minute_at = EXCLUDED.minute_at, day_on = EXCLUDED.day_on,
       minute_questions = $4 + CASE WHEN mc.minute_at = EXCLUDED.minute_at THEN mc.minute_questions ELSE 0 END,
       minute_commands = $5 + CASE WHEN mc.minute_at = EXCLUDED.minute_at THEN mc.minute_commands ELSE 0 END,
       day_questions = $4 + CASE WHEN mc.day_on = EXCLUDED.day_on THEN mc.day_questions ELSE 0 END`;

const REFUSE = `
INSERT INTO member_channel AS mc (tenant_id, member_id, channel_id, refused_at) VALUES ($1, $2, $3, now())
ON CONFLICT (member_id, channel_id) DO UPDATE SET refused_at = now()
 WHERE mc.refused_at IS NULL OR mc.refused_at < now() - interval '1 minute'
RETURNING member_id`;

const ASK_FOR_APPROVAL = `
INSERT INTO member_channel AS mc (tenant_id, member_id, channel_id, pairing, pairing_asked_at)
VALUES ($1, $2, $3, 'pending', now())
ON CONFLICT (member_id, channel_id) DO UPDATE SET pairing = 'pending', pairing_asked_at = now() WHERE mc.pairing IS NULL`;

const WELCOME = `
INSERT INTO member_channel AS mc (tenant_id, member_id, channel_id, welcomed_at) VALUES ($1, $2, $3, now())
ON CONFLICT (member_id, channel_id) DO UPDATE SET welcomed_at = now() WHERE mc.welcomed_at IS NULL
RETURNING member_id`;

const CHANNEL = `
SELECT (SELECT count(*)::int FROM (SELECT 1 FROM turn t WHERE t.channel_id = $1 AND t.created_at >= ${THIS_MINUTE}
                                    LIMIT $2) m) AS minute,
       (SELECT count(*)::int FROM (SELECT 1 FROM turn t WHERE t.channel_id = $1
           AND t.created_at >= date_trunc('day', now() AT TIME ZONE 'Asia/Shanghai') AT TIME ZONE 'Asia/Shanghai'
                                    LIMIT $3) d) AS day`;
