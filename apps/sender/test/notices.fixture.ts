import { randomBytes } from 'node:crypto';

import type { Incarnation } from '@common/bootstrap';
import { outboundQueue } from '@common/contracts';
import { newId, SecretBox } from '@common/kernel';
import { createDataSource, Database, migrate } from '@common/persistence';
import {
  HastyClock,
  OwnStores,
  RecordingLogger,
  RecordingProducer,
  Rows,
  standIn,
} from '@common/testing';

import { FakeLedger } from '../src/allowance/fake-ledger.fixture';
import { DeliveriesInHand } from '../src/delivery/deliveries-in-hand';
import { NoticeCalls } from '../src/notices/notice-calls.service';
import { NoticeClicks } from '../src/notices/notice-clicks.service';
import { NoticePipeline } from '../src/notices/notice.pipeline';
import { NoticeRecall } from '../src/notices/notice-recall.service';
import { NoticeReceipts } from '../src/notices/notice-receipts.service';
import { NoticeRepository } from '../src/notices/notice.repository';
import { NoticeSending } from '../src/notices/notice-sending.service';
import { RecipientRepository } from '../src/notices/recipient.repository';
import { SentNoticeRepository } from '../src/notices/sent-notice.repository';
import { FakePlatform, type SeenCall } from '../src/platform/fake-platform.fixture';
import { PlatformCalls } from '../src/platform/platform-calls.service';
import type { SenderConfig } from '../src/sender.config';
import { anOpenGate, FakeBudget } from '../src/throttling/fake-budget.fixture';

const secrets = SecretBox.parse(`k1:${randomBytes(32).toString('base64')}`);
const config = standIn<SenderConfig>({
  SENDER_CALL_TIMEOUT_MS: 4_000,
  SENDER_CALLS_PER_SECOND: 18,
});

export interface NoticeWish {
  readonly kind?: 'text' | 'markdown' | 'card';
  readonly people?: number;
  readonly groups?: number;
  readonly buttons?: object[];
  readonly channelId?: string;
  readonly sendInSeconds?: number;
}

/** Notices in a schema of their own, and sender processes that send them; only DingTalk is played. */
export class SpecNotices {
  readonly rows: Rows;
  private readonly database: Database;

  private constructor(readonly stores: OwnStores) {
    this.rows = new Rows(stores);
    const url = stores.databaseUrl;
    this.database = new Database(createDataSource({ url, poolSize: 8, applicationName: 'spec' }));
  }

  static async open(): Promise<SpecNotices> {
    const stores = await OwnStores.open(process.env);
    await migrate(stores.databaseUrl);
    return new SpecNotices(stores);
  }

  async close(): Promise<void> {
    await this.database.close();
    await this.stores.close();
  }

  /** One sender process. */
  async aSender() {
    const { rows, stores, database } = this;
    const id = await rows.aProcess(0);
    let isHeld = true;
    const incarnation = standIn<Incarnation>({
      id,
      term: 1,
      mayTakeOver: () => true,
      holdsFor: () => Promise.resolve(isHeld),
    });
    const platform = new FakePlatform();
    const budget = new FakeBudget();
    const logger = new RecordingLogger();
    const clock = new HastyClock();
    const { ledger } = new FakeLedger();
    const calls = new PlatformCalls(budget, anOpenGate(), ledger, config, clock, platform.client);
    const notices = new NoticeRepository(database, incarnation, secrets, config);
    const recipients = new RecipientRepository(database, incarnation);
    const sent = new SentNoticeRepository(database, incarnation);
    const outbound = new RecordingProducer(outboundQueue);
    const inHand = new DeliveriesInHand();
    const noticeCalls = new NoticeCalls(platform.client, calls);
    const pipeline = new NoticePipeline(
      notices,
      new NoticeSending(notices, recipients, noticeCalls, clock, logger),
      new NoticeRecall(platform.client, calls, sent, logger),
      new NoticeReceipts(platform.client, calls, sent, logger),
      new NoticeClicks(platform.client, calls, sent, logger),
      inHand,
      outbound,
      clock,
      logger,
    );
    const run = (noticeId: string): Promise<void> =>
      pipeline.run({
        ...{ version: 1, tenantId: rows.tenantId, correlationId: 'c' },
        ...{ noticeId, wake: 0 },
      });
    const die = async (): Promise<void> => {
      isHeld = false;
      await stores.sql(
        `UPDATE incarnation SET seen_at = now() - interval '7 seconds' WHERE id = $1`,
        [id],
      );
    };
    return { id, platform, budget, notices, outbound, inHand, run, die, logger };
  }

  async aNotice(wish: NoticeWish = {}): Promise<string> {
    const { rows, stores } = this;
    const { kind = 'markdown', people = 1, groups = 0, buttons = [], sendInSeconds = 0 } = wish;
    const channelId = wish.channelId ?? (await this.aChannel());
    const id = newId();
    const content = { title: 'Lunch', text: '**Soup** today', buttons, isAiGenerated: false };
    await stores.sql(
      `INSERT INTO notice (id, tenant_id, channel_id, request_hash, kind, content, send_at, wake_at)
     VALUES ($1, $2, $3, '', $4, $5, now() + $6 * interval '1 second', now())`,
      [id, rows.tenantId, channelId, kind, JSON.stringify(content), sendInSeconds],
    );
    const add = (what: string, count: number, from: number) =>
      stores.sql(
        `INSERT INTO notice_recipient (id, tenant_id, notice_id, n, kind, address)
       SELECT gen_random_uuid(), $1, $2, $4 + n, $3, $3 || n FROM generate_series(1, $5::int) AS n`,
        [rows.tenantId, id, what, from, count],
      );
    await add('person', people, 0);
    await add('group', groups, people);
    return id;
  }

  aChannel(wish: { readonly enabled?: boolean } = {}): Promise<string> {
    return this.rows.aChannel({ ...wish, clientSecret: secrets.seal('client secret') });
  }

  row(id: string) {
    return this.stores.one('SELECT state, todo, owner, wake FROM notice WHERE id = $1', [id]);
  }

  recipients(id: string) {
    return this.stores.sql(
      `SELECT id, address, state, error_code, possibly_twice, message_key, recall, receipt, readers, tries, waits
         FROM notice_recipient WHERE notice_id = $1 ORDER BY n`,
      [id],
    );
  }

  async states(id: string): Promise<unknown[]> {
    return (await this.recipients(id)).map(({ state }) => state as unknown);
  }
}

export const namesOf = (calls: readonly SeenCall[]): string[] => calls.map(({ name }) => name);
export const usersOf = (call: SeenCall | undefined) => call?.body['userIds'] as string[];
