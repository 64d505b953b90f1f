import { randomBytes } from 'node:crypto';

import type { AppEndpoint } from '@common/dingtalk';
import { SecretBox } from '@common/kernel';
import type { Database } from '@common/persistence';
import { anId, RecordingLogger, standIn } from '@common/testing';

import { ChannelRosterRepository, type RosterChannel } from './channel-roster.repository';

const box = SecretBox.parse(`k1:${randomBytes(32).toString('base64')}`);
const aRow = (fields: object = {}) => ({
  id: anId('a'),
  tenant_id: anId('tenant'),
  client_id: 'ding1',
  client_secret: box.seal('s3cret'),
  previous_secret: null as Buffer | null,
  endpoint: null as AppEndpoint | null,
  scope: null,
  connections: 1,
  ...fields,
});

function aRepository(rows: object[]) {
  const logger = new RecordingLogger();
  const database = standIn<Database>({
    acrossTenantsOnce: () => Promise.resolve(rows.map((row) => ({ ...row })) as never),
  });
  return { repository: new ChannelRosterRepository(database, box, logger), logger };
}
const byId = (channels: readonly RosterChannel[]) =>
  new Map(channels.map((channel) => [channel.id, channel]));

describe('ChannelRosterRepository', () => {
  it('opens the secret, and names the connection by a short key that tells nothing of it', async () => {
    const [channel] = await aRepository([aRow()]).repository.enabled();
    expect(channel).toMatchObject({ clientId: 'ding1', scope: 'person', previousKey: null });
    expect(channel?.clientSecret.reveal()).toBe('s3cret');
    expect(channel?.connectionKey).toMatch(/^[\w-]{20}$/);
  });

  it('keeps a channel that is as it was, and opens no secret again', async () => {
    const { repository } = aRepository([aRow()]);
    const before = byId(await repository.enabled());
    const opening = jest.spyOn(box, 'openText');
    const [channel] = await repository.enabled(before);
    expect(channel).toBe(before.get(anId('a')));
    expect(opening).not.toHaveBeenCalled();
    opening.mockRestore();
  });

  it.each([
    ['the secret', { client_secret: box.seal('s3cret') }],
    ['the app', { client_id: 'ding2' }],
    ['the platform', { endpoint: { apiUrl: 'https://api.dingtalk.io', isTrusted: false } }],
    ['the scope', { scope: 'group' }],
    ['the number of connections', { connections: 2 }],
    ['the secret before', { previous_secret: box.seal('older') }],
  ])('reads a channel anew when %s is another', async (_what, change) => {
    const row = aRow();
    const before = byId(await aRepository([row]).repository.enabled());
    const [channel] = await aRepository([{ ...row, ...change }]).repository.enabled(before);
    expect(channel).not.toBe(before.get(anId('a')));
  });

  it('knows the key of the secret before: that of the connection that was opened with it', async () => {
    const row = aRow();
    const [before] = await aRepository([row]).repository.enabled();
    const promoted = { client_secret: box.seal('new'), previous_secret: row.client_secret };
    const [after] = await aRepository([{ ...row, ...promoted }]).repository.enabled();
    expect(after?.previousKey).toBe(before?.connectionKey);
  });

  it('keeps a channel whose secret was sealed anew with a key that only others have yet', async () => {
    const row = aRow();
    const before = byId(await aRepository([row]).repository.enabled());
    const next = SecretBox.parse(`k2:${randomBytes(32).toString('base64')}`);
    const { repository, logger } = aRepository([{ ...row, client_secret: next.seal('s3cret') }]);

    box.othersHave(['k2']);
    expect(await repository.enabled(before)).toEqual([before.get(anId('a'))]);
    expect(logger.lines).toEqual([]);
    box.othersHave([]);
    expect(await repository.enabled(before)).toEqual([]);
  });

  it('P10 leaves out a channel whose secret cannot be opened, and names it in the log', async () => {
    const rows = [aRow({ id: anId('b'), client_secret: Buffer.from('garbage') }), aRow()];
    const { repository, logger } = aRepository(rows);
    expect((await repository.enabled()).map(({ id }) => id)).toEqual([anId('a')]);
    expect(JSON.stringify(logger.lines)).toContain(anId('b'));
  });
});
