import { ManualClock, RecordingLogger, standIn } from '@common/testing';

import { UsageLedger } from './usage-ledger.service';
import type { Usage, UsageRepository } from './usage.repository';

const payer = { tenantId: 't', channelId: 'c', organizationId: 'o' };

function aLedger() {
  const written: Usage[][] = [];
  const state = { isAway: false, refused: [] as string[] };
  const clock = new ManualClock(0);
  const ledger = new UsageLedger(
    standIn<UsageRepository>({
      add: (usages) =>
        state.isAway
          ? Promise.reject(new Error('gone'))
          : Promise.resolve(void written.push([...usages])),
      refuse: (_tenant, _channel, kind) => Promise.resolve(void state.refused.push(kind)),
    }),
    clock,
    new RecordingLogger(),
  );
  ledger.start();
  return { ledger, clock, written, state };
}

describe('UsageLedger', () => {
  it('writes what a second used in one statement, and nothing when nothing was', async () => {
    const { ledger, clock, written } = aLedger();
    ledger.count(payer, 'apiCalls');
    ledger.count(payer, 'apiCalls');
    ledger.count({ ...payer, organizationId: 'other' }, 'answers');
    await clock.pass(5_000);
    expect(written).toMatchObject([
      [
        { organizationId: 'o', apiCalls: 2, webhookMessages: 0, answers: 0 },
        { organizationId: 'other', apiCalls: 0, answers: 1 },
      ],
    ]);
    await ledger.stop();
  });

  it('loses nothing while Postgres is away', async () => {
    const { ledger, clock, written, state } = aLedger();
    state.isAway = true;
    ledger.count(payer, 'apiCalls');
    await clock.pass(1_500);
    ledger.count(payer, 'apiCalls');
    ledger.count(payer, 'webhookMessages');
    state.isAway = false;
    await clock.pass(1_000);
    expect(written).toMatchObject([[{ apiCalls: 2, webhookMessages: 1 }]]);
    await ledger.stop();
  });

  it('writes the rest when it stops, and counts nobody without an organisation', async () => {
    const { ledger, written } = aLedger();
    ledger.count({ ...payer, organizationId: null }, 'apiCalls');
    ledger.count(payer, 'answers');
    await ledger.stop();
    expect(written).toMatchObject([[{ organizationId: 'o', answers: 1 }]]);
  });
});
