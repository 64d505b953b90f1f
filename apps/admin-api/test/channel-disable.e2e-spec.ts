import { RunningAdminApi } from './admin-api.fixture';
import { aConversation, aTurn } from './conversation.fixture';

describe('a channel that is switched off', () => {
  let api: RunningAdminApi;

  beforeAll(async () => {
    api = await RunningAdminApi.start();
  });
  afterAll(() => api.stop());

  it.each([
    ['address', '?mode=now', undefined],
    ['body', '', { mode: 'now' }],
  ])('cancels what runs on a channel switched off now, said in the %s', async (_, query, body) => {
    const where = await aConversation(api);
    const id = await aTurn(api, where, { state: 'active' });

    const off = await api.post(`/channels/${where.channelId}/disable${query}`, body);

    expect([off.status, off.body.state]).toEqual([200, 'disabled']);
    expect((await api.get(`/turns/${id}`)).body.cancelRequestedAt).not.toBeNull();
  });

  it('lets what runs go on when its channel is only switched off', async () => {
    const where = await aConversation(api);
    const id = await aTurn(api, where, { state: 'active' });

    await api.post(`/channels/${where.channelId}/disable`);

    expect((await api.get(`/turns/${id}`)).body.cancelRequestedAt).toBeNull();
  });
});
