import { Secret } from '@common/config';
import { anId, ManualClock, RecordingLogger, standIn } from '@common/testing';

import type { ChannelRosterRepository, RosterChannel } from './channel-roster.repository';
import { ChannelRoster } from './channel-roster.service';

const aChannel = (word: string): RosterChannel => ({
  id: anId(word),
  tenantId: anId('tenant'),
  clientId: word,
  clientSecret: new Secret('s'),
  scope: 'person',
  connections: 1,
  connectionKey: `${word} 1`,
  endpoint: null,
  previousKey: null,
});

const running: ChannelRoster[] = [];
afterEach(() => Promise.all(running.splice(0).map((roster) => roster.stop())));

function aRoster(enabled: () => Promise<RosterChannel[]>) {
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const roster = new ChannelRoster(standIn<ChannelRosterRepository>({ enabled }), clock, logger);
  running.push(roster);
  const read: string[][] = [];
  roster.start(() => read.push([...(roster.channels ?? new Map<string, unknown>()).keys()]));
  return { roster, clock, logger, read };
}

describe('ChannelRoster', () => {
  it('is read at once, every 15 s, and on news', async () => {
    let list = [aChannel('a')];
    const { roster, clock, read } = aRoster(() => Promise.resolve(list));
    expect(roster.channels).toBeUndefined();
    await clock.pass(0);

    list = [];
    await clock.pass(15_000);
    list = [aChannel('b')];
    roster.readSoon();
    await clock.pass(0);

    expect(read).toEqual([[anId('a')], [], [anId('b')]]);
  });

  it('P11 stays what it was while it cannot be read', async () => {
    let isAway = false;
    const { roster, clock, logger, read } = aRoster(() =>
      isAway ? Promise.reject(new Error('gone')) : Promise.resolve([aChannel('a')]),
    );
    await clock.pass(0);

    isAway = true;
    await clock.pass(60_000);

    expect(logger.messages).toContain('channel list not read');
    expect(roster.channels?.size).toBe(1);
    expect(read).toHaveLength(1);
  });
});
