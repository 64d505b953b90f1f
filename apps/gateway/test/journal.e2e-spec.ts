import { randomBytes } from 'node:crypto';

import { Metrics } from '@common/bootstrap';
import { SecretBox } from '@common/kernel';
import { createDataSource, Database, migrate } from '@common/persistence';
import { aFrame, anEventFrame, OwnStores, RecordingLogger, Rows, standIn } from '@common/testing';

import type { GatewayConfig } from '../src/gateway.config';
import { entryOf } from '../src/intake/journal-entry';
import { type ChannelEntry, JournalRepository } from '../src/intake/journal.repository';
import { JournalWriter } from '../src/intake/journal-writer.service';
import { Journal } from '../src/intake/journal.service';

const secrets = SecretBox.parse(`k1:${randomBytes(32).toString('base64')}`);
let stores: OwnStores;
let rows: Rows;
let channelId: string;
const databases: Database[] = [];

beforeAll(async () => {
  stores = await OwnStores.open(process.env);
  await migrate(stores.databaseUrl);
  rows = new Rows(stores);
});
afterAll(async () => {
  await Promise.all(databases.map((database) => database.close()));
  await stores.close();
});
beforeEach(async () => {
  channelId = await rows.aChannel();
});

/** The journal of one gateway process. */
function aJournal(): Journal {
  const url = stores.databaseUrl;
  const database = new Database(createDataSource({ url, poolSize: 4, applicationName: 'spec' }));
  databases.push(database);
  const repository = new JournalRepository(database, secrets);
  return new Journal(
    new JournalWriter(repository, new RecordingLogger()),
    repository,
    standIn<GatewayConfig>({ GATEWAY_MAX_PENDING: 1_000 }),
    new RecordingLogger(),
    new Metrics('spec'),
  );
}
const row = (data: object = {}, frame = aFrame(data)): ChannelEntry => ({
  tenantId: rows.tenantId,
  channelId,
  entry: entryOf(frame, { id: channelId, clientId: channelId, scope: 'person' }),
});
const event = (id: string) => stores.one('SELECT * FROM inbound_event WHERE id = $1', [id]);

describe('the journal in Postgres', () => {
  it('P8 keeps frame and reply link sealed, and the content readable', async () => {
    const written = row();
    await aJournal().write(written);

    const kept = await event(written.entry.id);
    expect(kept).toMatchObject({ state: 'pending', kind: 'message', platform_message_id: 'msg-1' });
    expect(secrets.openText(kept['raw'] as Buffer)).toBe(written.entry.raw);
    expect(secrets.openText(kept['reply_webhook'] as Buffer)).toContain('session=s3cret');
    expect(JSON.stringify(kept['content'])).not.toContain('s3cret');
  });

  it('P2 knows a message again, whichever gateway gets it', async () => {
    const [one, two] = [aJournal(), aJournal()];
    const results = await Promise.all([one, two, one, two].map((journal) => journal.write(row())));
    expect(results.filter((result) => result?.isNew).length).toBeGreaterThanOrEqual(1);
    expect(new Set(results.map((result) => result?.id)).size).toBe(1);

    const again = await two.write(row());
    expect(again).toMatchObject({ isNew: false, isPending: true, wake: 0 });
    await stores.sql(`UPDATE inbound_event SET state = 'processed', wake = 2 WHERE id = $1`, [
      again?.id,
    ]);
    expect(await one.write(row())).toMatchObject({ isNew: false, isPending: false, wake: 2 });
  });

  it('P10 takes whatever text a person can send', async () => {
    const written = row({ text: { content: 'a\0b \ud83d lone 😀 \u2028' } });
    expect(await aJournal().write(written)).toMatchObject({ isNew: true });
  });

  it('P10 sets a row aside that Postgres refuses, among good ones', async () => {
    const good = ['1', '2', '3', '4'].map((msgId) => row({ msgId }));
    const bad = row({ msgId: 'bad' });
    const poisoned = { ...bad, entry: { ...bad.entry, platformMessageId: 'nul \0' } };
    const journal = aJournal();

    const results = await Promise.all(
      [good[0], good[1], good[2], poisoned, good[3]].flatMap((one) =>
        one ? [journal.write(one)] : [],
      ),
    );

    expect(results.map((result) => result?.isNew ?? null)).toEqual([true, true, true, null, true]);
    expect(await event(bad.entry.id)).toMatchObject({
      state: 'quarantined',
      content: null,
      cause: expect.stringMatching(/^sqlstate /) as string,
    });
  });

  it('leaves an event to the dispatcher, in no thread', async () => {
    const written = row({}, anEventFrame());
    await aJournal().write(written);
    expect(await event(written.entry.id)).toMatchObject({ state: 'pending', thread_id: null });
  });

  it('only keeps a notice about the allowance', async () => {
    const written = row({ text: undefined, msgtype: undefined, errorCode: 'Q1' });
    await aJournal().write(written);
    expect(await event(written.entry.id)).toMatchObject({ state: 'processed', thread_id: null });
  });

  it('tells the operators once that the allowance is used up', async () => {
    const journal = aJournal();
    await journal.noteQuota(row(), 'Q1');
    await journal.noteQuota(row(), 'Q1');
    expect(
      await stores.sql(`SELECT code FROM channel_notice WHERE channel_id = $1`, [channelId]),
    ).toEqual([{ code: 'quota_exhausted' }]);
  });
});
