import { Secret } from '@common/config';
import type { ConnectionReport } from '@common/domain';
import type { Database } from '@common/persistence';
import { anId, FakeAnnouncer, RecordingLogger, settled, standIn } from '@common/testing';

import type { RosterChannel } from '../channels/channel-roster.repository';
import type { View } from './decide-ownership';
import { SingleConnection } from './single-connection.service';

const channel: RosterChannel = {
  id: anId('channel'),
  tenantId: anId('tenant'),
  clientId: 'ding',
  clientSecret: new Secret('s'),
  scope: 'person',
  connections: 2,
  connectionKey: 'k',
  endpoint: null,
  previousKey: null,
};
const state = (word: ConnectionReport['state']) => standIn<ConnectionReport>({ state: word });
/** The other gateway's connection was opened just before `redisNowMs`. */
const aView = (redisNowMs: number, token: number): View => ({
  me: 'me',
  isSteady: true,
  sharers: ['me', 'other'],
  alive: new Set(['me', 'other']),
  leaving: new Set(),
  leases: new Map([
    [channel.id, { holder: 'me', token: 1, sinceMs: 0, grantedAtMs: 0 }],
    [`${channel.id}/2`, { holder: 'other', token, sinceMs: 0, grantedAtMs: redisNowMs }],
  ]),
  redisNowMs,
});

function aSingleConnection(isAway = false) {
  const written: unknown[][] = [];
  const announcer = new FakeAnnouncer();
  const logger = new RecordingLogger();
  const single = new SingleConnection(
    standIn<Database>({
      inTenantOnce: (_tenant, _statement, values = []) => {
        if (isAway) return Promise.reject(new Error('away'));
        written.push([...values]);
        return Promise.resolve([]);
      },
    }),
    announcer,
    logger,
  );
  /** Ours opens, is pushed out, and then the other's lease is seen. */
  const pushOut = (atMs: number, token: number, after: ConnectionReport | undefined) => {
    single.noteState(channel.id, state('connected'), aView(atMs, token));
    single.noteState(channel.id, after, aView(atMs, token));
    single.compare(channel, aView(atMs, token));
  };
  return { single, written, announcer, logger, pushOut };
}

describe('SingleConnection', () => {
  it('remembers at the second time that the channel bears one, and tells everybody', async () => {
    const { written, announcer, pushOut } = aSingleConnection();

    pushOut(10_000, 2, state('disconnected'));
    await settled();
    expect(written).toEqual([]);
    pushOut(15_000, 3, state('disconnected'));
    await settled();

    expect(written).toEqual([[channel.tenantId, channel.id]]);
    expect(announcer.news).toEqual([{ name: 'channel.changed', news: { channelId: channel.id } }]);
  });

  it('blames nobody for connections that we closed ourselves', async () => {
    const { written, pushOut } = aSingleConnection();

    pushOut(10_000, 2, undefined);
    pushOut(15_000, 3, undefined);
    await settled();

    expect(written).toEqual([]);
  });

  it('goes on when it cannot be remembered', async () => {
    const { logger, pushOut } = aSingleConnection(true);

    pushOut(10_000, 2, state('disconnected'));
    pushOut(15_000, 3, state('disconnected'));
    await settled();

    expect(logger.messages).toContain('single connection not remembered');
  });
});
