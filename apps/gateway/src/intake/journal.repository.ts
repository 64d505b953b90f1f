import { Injectable } from '@nestjs/common';

import { SecretBox } from '@common/kernel';
import { binaryArray, Database } from '@common/persistence';

import type { JournalEntry } from './journal-entry';
import { microIsoOf } from './receive-stamp';

export interface ChannelEntry {
  readonly tenantId: string;
  readonly channelId: string;
  readonly entry: JournalEntry;
}

/** What the journal knows of an event after the write. */
export interface Journaled {
  readonly id: string;
  readonly isNew: boolean;
  /** Whether it still waits to be processed. */
  readonly isPending: boolean;
  readonly wake: number;
}

/**
 * How long a statement may take before its outcome counts as unknown. Frames wait shorter than that; this is what ends
 * the batches of a Postgres that hangs, so that they do not pile up.
 */
const STATEMENT_MS = 5_000;

/** The journal in Postgres: `inbound_event`, raw bytes and reply links sealed. */
@Injectable()
export class JournalRepository {
  constructor(
    private readonly database: Database,
    private readonly secrets: SecretBox,
  ) {}

  /** One statement for the whole batch, and one more only when it held duplicates. */
  async insert(batch: readonly ChannelEntry[]): Promise<Map<string, Journaled>> {
    const fresh = await this.database.acrossTenantsOnce<{ id: string }>(
      'journal',
      { name: 'journal.insert', text: INSERT, timeoutMs: STATEMENT_MS },
      this.columns(batch),
    );
    const known = new Map<string, Journaled>();
    for (const { id } of fresh) known.set(id, { id, isNew: true, isPending: true, wake: 0 });
    const repeated = batch.map(({ entry }) => entry.id).filter((id) => !known.has(id));
    if (repeated.length > 0) for (const row of await this.look(repeated)) known.set(row.id, row);
    return known;
  }

  /** A row that Postgres refused: kept sealed and without parsed content, so that an operator can look at it. */
  async quarantine({ tenantId, channelId, entry }: ChannelEntry, cause: string): Promise<void> {
    await this.database.acrossTenantsOnce(
      'journal',
      { text: QUARANTINE, timeoutMs: STATEMENT_MS },
      [
        entry.id,
        tenantId,
        channelId,
        entry.kind,
        microIsoOf(entry.receivedAtMs),
        this.secrets.seal(entry.raw),
        cause.slice(0, 500),
      ],
    );
  }

  /** Tells the channel's administrators that the organisation's allowance is used up (C55). */
  async noteQuota({ tenantId, channelId }: ChannelEntry, code: string): Promise<void> {
    await this.database.acrossTenantsOnce('journal', QUOTA, [
      tenantId,
      channelId,
      `DingTalk stopped this organisation's bot messages: the monthly allowance is used up (code ${code.slice(0, 40)}).`,
    ]);
  }

  private look(ids: readonly string[]): Promise<Journaled[]> {
    return this.database
      .acrossTenantsOnce<{ id: string; pending: boolean; wake: number }>(
        'journal',
        { name: 'journal.look', text: LOOK, timeoutMs: STATEMENT_MS },
        [ids],
      )
      .then((rows) =>
        rows.map(({ id, pending, wake }) => ({ id, isNew: false, isPending: pending, wake })),
      );
  }

  private columns(batch: readonly ChannelEntry[]): Buffer[] {
    const column = <T>(of: (entry: JournalEntry) => T): T[] => batch.map(({ entry }) => of(entry));
    const { uuids, texts, times, bytes, jsons } = binaryArray;
    return [
      uuids(column(({ id }) => id)),
      uuids(batch.map(({ tenantId }) => tenantId)),
      uuids(batch.map(({ channelId }) => channelId)),
      texts(column(({ kind }) => kind)),
      uuids(column(({ threadId }) => threadId)),
      texts(column(({ platformMessageId }) => platformMessageId)),
      times(column(({ receivedAtMs }) => receivedAtMs)),
      bytes(column(({ raw }) => this.secrets.seal(raw))),
      jsons(column(({ content }) => JSON.stringify(content))),
      bytes(column(({ replyWebhook }) => replyWebhook && this.secrets.seal(replyWebhook.url))),
      times(column(({ replyWebhook }) => replyWebhook && replyWebhook.expiresAtMs)),
      texts(column(({ isWork }) => (isWork ? 'pending' : 'processed'))),
    ];
  }
}

const INSERT = `
INSERT INTO inbound_event (id, tenant_id, channel_id, kind, thread_id, platform_message_id, received_at, raw, content,
                           reply_webhook, reply_webhook_expires_at, state)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::timestamptz[],
                     $8::bytea[], $9::jsonb[], $10::bytea[], $11::timestamptz[], $12::text[])
ON CONFLICT DO NOTHING RETURNING id`;

const LOOK = `SELECT id, state = 'pending' AS pending, wake FROM inbound_event WHERE id = ANY($1)`;

const QUARANTINE = `
INSERT INTO inbound_event (id, tenant_id, channel_id, kind, received_at, raw, state, cause, processed_at)
VALUES ($1, $2, $3, $4, $5, $6, 'quarantined', $7, now()) ON CONFLICT DO NOTHING`;

const QUOTA = `
INSERT INTO channel_notice (tenant_id, channel_id, code, message, user_action, until)
VALUES ($1, $2, 'quota_exhausted', $3, 'Buy a larger edition or wait for the next month.',
        date_trunc('month', now()) + interval '1 month')
ON CONFLICT (channel_id, code) DO UPDATE SET message = EXCLUDED.message, at = now(), until = EXCLUDED.until`;
