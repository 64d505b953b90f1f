import { DatabaseUnavailableError } from '@common/persistence';
import { HastyClock, RecordingLogger, standIn } from '@common/testing';

import type { ClaimedNotice, Parcel } from './claimed-notice';
import type { NoticeCalls } from './notice-calls.service';
import { NoticeSending } from './notice-sending.service';
import type { NoticeRepository } from './notice.repository';
import type { RecipientRepository } from './recipient.repository';

it('writes down what was sent when Postgres is back, so that nobody gets it twice', async () => {
  const parcel: Parcel = {
    ...{ id: 'p1', kind: 'person', isRepeated: false },
    recipients: [{ id: 'r1', address: 'staff-1' }],
  };
  const parcels = [parcel];
  const ends = [{ id: 'r1', state: 'sent' as const, code: null }];
  let sent = 0;
  const settled: unknown[] = [];
  let failures = 3;
  const sending = new NoticeSending(
    standIn<NoticeRepository>({ hasAllowance: () => Promise.resolve(true) }),
    standIn<RecipientRepository>({
      take: () => Promise.resolve(parcels.shift() ?? null),
      settle: (_notice, of, ...how) => {
        if ((failures -= 1) >= 0) return Promise.reject(new DatabaseUnavailableError(null));
        settled.push([of, ...how]);
        return Promise.resolve();
      },
    }),
    standIn<NoticeCalls>({
      send: () => {
        sent += 1;
        return Promise.resolve({ ends, messageKey: 'key-1' });
      },
    }),
    new HastyClock(),
    new RecordingLogger(),
  );
  const notice = standIn<ClaimedNotice>({ id: 'n1', kind: 'text', obstacle: null });

  await sending.send(notice, new AbortController().signal);

  expect(sent).toBe(1);
  expect(settled).toEqual([[parcel, ends, 'key-1']]);
});
