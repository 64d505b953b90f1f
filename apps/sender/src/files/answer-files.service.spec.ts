import {
  type DingTalkClient,
  DingTalkRejectedError,
  DingTalkUnavailableError,
  DingTalkUnknownOutcomeError,
} from '@common/dingtalk';
import { ObjectMissingError, type ObjectStore } from '@common/files';
import { HastyClock, RecordingLogger, standIn } from '@common/testing';

import { FakeLedger } from '../allowance/fake-ledger.fixture';
import { aClaimedDelivery } from '../delivery/claimed-delivery.fixture';
import { failing, FakePlatform } from '../platform/fake-platform.fixture';
import { PlatformCalls } from '../platform/platform-calls.service';
import type { SenderConfig } from '../sender.config';
import { anOpenGate, FakeBudget } from '../throttling/fake-budget.fixture';
import type { AnswerFileRepository, AnswerFileRow } from './answer-file.repository';
import { AnswerFiles } from './answer-files.service';

const aRow = (wish: Partial<AnswerFileRow> = {}): AnswerFileRow => ({
  ...{ id: `f${wish.n ?? 1}`, n: 1, kind: 'file', name: 'report.pdf', objectKey: 'k' },
  ...{ mediaId: null, state: 'pending', errorCode: null, tries: 0 },
  ...wish,
});
const api = { api: 'x' };
const end = { outcome: 'answered', text: 'See.', hasFiles: true } as const;

/** Rows that outlive the service, as in Postgres. */
function aPost(...files: AnswerFileRow[]) {
  const rows = new Map(files.map((file) => [file.id, file]));
  const change = (id: string, to: Partial<AnswerFileRow>): Promise<void> => {
    const row = rows.get(id);
    if (row) rows.set(id, { ...row, ...to });
    return Promise.resolve();
  };
  const triesOf = (id: string): number => rows.get(id)?.tries ?? 0;
  const repository = standIn<AnswerFileRepository>({
    of: () => Promise.resolve([...rows.values()]),
    uploaded: (_delivery, id, mediaId) => change(id, { mediaId }),
    begin: (_delivery, id) => change(id, { state: 'sending', tries: triesOf(id) + 1 }),
    notSent: (_delivery, id) => change(id, { state: 'pending', tries: triesOf(id) - 1 }),
    settle: (_delivery, { id }, state, errorCode) => change(id, { state, errorCode }),
  });
  const platform = new FakePlatform();
  const store = { failure: null as Error | null };
  const config = standIn<SenderConfig>({ SENDER_CALL_TIMEOUT_MS: 4_000 });
  const { client } = platform;
  const calls = new PlatformCalls(
    ...([new FakeBudget(), anOpenGate(), new FakeLedger().ledger] as const),
    ...([config, new HastyClock(), client] as const),
  );
  const service = new AnswerFiles(
    client as DingTalkClient,
    calls,
    repository,
    standIn<ObjectStore>({
      read: () =>
        store.failure ? Promise.reject(store.failure) : Promise.resolve(Buffer.from('bytes')),
    }),
    new RecordingLogger(),
  );
  const row = (n = 1) => rows.get(`f${n}`);
  return { service, platform, store, row, names: () => platform.names };
}

describe('AnswerFiles', () => {
  it('uploads, shows images in the text, and sends files after it; twice changes nothing', async () => {
    const post = aPost(aRow(), aRow({ n: 2, kind: 'image', name: 'plot.png' }));
    const delivery = aClaimedDelivery();
    for (let run = 0; run < 2; run += 1) {
      const shown = await post.service.upload(delivery, end);
      expect(shown.text).toBe('See.\n\n![plot.png](@media2)');
      await post.service.send(delivery, shown);
    }
    expect(post.names()).toEqual(['upload', 'upload', 'toUser']);
    expect(post.platform.calls.at(-1)?.body['content']).toEqual({
      ...{ kind: 'file', mediaId: '@media1', name: 'report.pdf', type: 'pdf' },
    });
    expect(post.row()?.state).toBe('sent');
  });

  it('costs nothing where there are none', async () => {
    const { service, names } = aPost(aRow());
    const plain = { ...end, hasFiles: false };
    expect(await service.upload(aClaimedDelivery(), plain)).toBe(plain);
    await service.send(aClaimedDelivery(), plain);
    expect(names()).toEqual([]);
  });

  it.each([
    ['the store lost it', new ObjectMissingError(), undefined],
    ['the platform refuses it', null, () => new DingTalkRejectedError(api)],
    ['the platform is away', null, () => new DingTalkUnavailableError(api)],
  ])('P4 never costs the answer: %s', async (_why, failure, refusal) => {
    const { service, store, platform, row } = aPost(aRow());
    store.failure = failure;
    if (refusal) platform.fail = failing(['upload'], refusal);
    const shown = await service.upload(aClaimedDelivery(), end);
    expect(shown.text).toMatch(/^See\.\n\n\(the file report.pdf could not be sent/);
    await service.send(aClaimedDelivery(), shown);
    expect(row()?.state).toBe('failed');
  });

  it('sends a file of unknown outcome once more, then leaves it to operators', async () => {
    const { service, platform, row, names } = aPost(aRow({ mediaId: '@m' }));
    platform.fail = failing(['toUser'], () => new DingTalkUnknownOutcomeError(api));
    await service.send(aClaimedDelivery(), end);
    expect(names()).toEqual(['toUser', 'toUser']);
    expect(row()).toMatchObject({ state: 'unknown', errorCode: 'unknown_outcome' });
  });

  it('P2 late: what a dead sender had in the air is sent once more at the most', async () => {
    const { service, names, row } = aPost(aRow({ mediaId: '@m', state: 'sending', tries: 1 }));
    await service.send(aClaimedDelivery(), end);
    expect(names()).toEqual(['toUser']);
    expect(row()).toMatchObject({ state: 'sent', tries: 2 });
  });
});
