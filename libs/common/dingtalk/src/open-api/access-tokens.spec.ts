import { Secret } from '@common/config';
import { OutboundGuard } from '@common/outbound';

import { ManualClock } from '../stream/manual-clock.fixture';
import { EndpointRoutes } from '../http/endpoint-routes';
import { PlatformHttp } from '../http/platform-http.client';
import { AccessTokens, type AccessTokensOptions } from './access-tokens';
import { anApp, FakeApi, failureOf, json, raw, reset } from './fake-api.fixture';
import type { OtherSecrets } from './other-secrets.port';
import { MemorySharedTokens } from './memory-shared-tokens.adapter';
import { SharedTokens } from './shared-tokens.port';

const MINUTE_MS = 60_000;
let api: FakeApi;
let clock: ManualClock;
const http = new PlatformHttp(new EndpointRoutes(new OutboundGuard()));

beforeEach(async () => {
  api = await new FakeApi().listen();
  clock = new ManualClock();
});
afterEach(() => api.close());
afterAll(() => http.close());

const someTokens = (options: Partial<AccessTokensOptions> = {}): AccessTokens =>
  new AccessTokens({ apiUrl: api.url, http, clock, random: () => 0, ...options });

class BrokenStore extends SharedTokens {
  private readonly fail = (): Promise<never> => Promise.reject(new Error('away'));
  read = this.fail;
  write = this.fail;
  drop = this.fail;
}

describe('AccessTokens', () => {
  it('C1 asks once per validity however many need a token at once', async () => {
    const tokens = someTokens();
    const got = await Promise.all(Array.from({ length: 50 }, () => tokens.get(anApp())));
    expect(new Set(got)).toEqual(new Set(['token-1']));
    expect(api.tokenCalls.map(({ body }) => body)).toEqual([
      { appKey: 'ding1', appSecret: 's3cret' },
    ]);
    clock.advance(109 * MINUTE_MS);
    expect(await tokens.get(anApp())).toBe('token-1');
  });

  it('fetches a token ahead of a call, and leaves a failure to the call', async () => {
    const tokens = someTokens();
    await tokens.warm(anApp());
    await tokens.warm(anApp());
    expect(api.tokenCalls).toHaveLength(1);
    api.answerToken = json(503, { code: 'ServiceUnavailable' });
    await expect(someTokens().warm(anApp())).resolves.toBeUndefined();
  });

  it('asks the app’s own platform, and takes no token of one platform to another', async () => {
    const own = await new FakeApi().listen();
    const shared = new MemorySharedTokens();
    const abroad = { ...anApp(), endpoint: { apiUrl: `${own.url}/`, isTrusted: true } };
    own.answerToken = json(200, { accessToken: 'abroad', expireIn: 7_200 });
    const tokens = someTokens({ shared });
    expect([await tokens.get(anApp()), await tokens.get(abroad)]).toEqual(['token-1', 'abroad']);
    expect(await someTokens({ shared }).get(abroad)).toBe('abroad');
    expect([api.tokenCalls.length, own.tokenCalls.length]).toEqual([1, 1]);
    await tokens.invalidate(abroad, 'abroad');
    expect(await tokens.get(anApp())).toBe('token-1');
    await own.close();
  });

  it('refuses a platform inside our own network that no platform key named', async () => {
    const inside = { ...anApp(), endpoint: { apiUrl: api.url, isTrusted: false } };
    expect(await failureOf(someTokens().get(inside))).toMatchObject({ code: 'outbound_refused' });
    expect(api.tokenCalls).toEqual([]);
  });

  it('C1 renews ten minutes before the end', async () => {
    const tokens = someTokens();
    await tokens.get(anApp());
    clock.advance(110 * MINUTE_MS);
    expect(await tokens.get(anApp())).toBe('token-2');
  });

  it('C1 shares tokens over processes; the first to renew renews for all', async () => {
    const shared = new MemorySharedTokens();
    const early = someTokens({ shared, random: () => 1 });
    const late = someTokens({ shared });
    expect([await early.get(anApp()), await late.get(anApp())]).toEqual(['token-1', 'token-1']);
    clock.advance(109 * MINUTE_MS + 1);
    expect(await early.get(anApp())).toBe('token-2');
    clock.advance(MINUTE_MS);
    expect(await late.get(anApp())).toBe('token-2');
    expect(api.tokenCalls).toHaveLength(2);
  });

  it('C100 keeps the tokens of apps apart', async () => {
    const tokens = someTokens();
    expect(await tokens.get(anApp('a'))).not.toBe(await tokens.get(anApp('b')));
  });

  it('C2 tells wrong credentials, does not ask in a loop, and tries a corrected secret at once', async () => {
    const tokens = someTokens();
    api.answerToken = json(400, {
      code: 'invalidClientIdOrSecret',
      requestid: 'r',
      message: 's3cret',
    });
    for (let i = 0; i < 3; i += 1)
      expect(await failureOf(tokens.get(anApp()))).toMatchObject({
        code: 'bad_credentials',
        retry: 'never',
      });
    expect(api.tokenCalls).toHaveLength(1);
    api.answerToken = null;
    expect(await tokens.get(anApp('ding1', 'right'))).toBe('token-2');
    clock.advance(30_000);
    await tokens.invalidate(anApp(), 'token-2');
    expect(await tokens.get(anApp())).toBe('token-3');
  });

  describe('when the secret is refused', () => {
    const taken: string[] = [];
    const othersOf = (...words: string[]): OtherSecrets => ({
      of: () =>
        Promise.resolve(
          words.map((word) => ({
            secret: new Secret(word),
            taken: () => Promise.resolve(void taken.push(word)),
          })),
        ),
    });
    const takeOnly = (secret: string) => {
      api.answerToken = (response) => {
        const isRight =
          (api.tokenCalls.at(-1)?.body as { appSecret?: string }).appSecret === secret;
        const refusal = json(400, { code: 'invalidClientIdOrSecret', message: 'no' });
        (isRight ? json(200, { accessToken: 'other-token', expireIn: 7200 }) : refusal)(response);
      };
    };
    beforeEach(() => taken.splice(0));

    it('tries the others in their order and says which was taken', async () => {
      takeOnly('next');
      const tokens = someTokens({ otherSecrets: othersOf('present', 'next', 'never') });

      expect(await tokens.get(anApp())).toBe('other-token');

      expect(taken).toEqual(['next']);
      expect(api.tokenCalls.map(({ body }) => (body as { appSecret: string }).appSecret)).toEqual([
        's3cret',
        'present',
        'next',
      ]);
    });

    it('C2 asks for none of them in a loop, but at once for a new one', async () => {
      takeOnly('next');
      let words = ['wrong'];
      const tokens = someTokens({ otherSecrets: { of: (app) => othersOf(...words).of(app) } });
      for (let i = 0; i < 3; i += 1)
        expect(await failureOf(tokens.get(anApp()))).toMatchObject({ code: 'bad_credentials' });
      expect(api.tokenCalls).toHaveLength(2);

      words = ['wrong', 'next'];
      expect(await tokens.get(anApp())).toBe('other-token');
      expect(api.tokenCalls).toHaveLength(3);
    });

    it('is the refusal when the others cannot be asked for', async () => {
      takeOnly('next');
      const otherSecrets = { of: () => Promise.reject(new Error('away')) };
      const tokens = someTokens({ otherSecrets });
      expect(await failureOf(tokens.get(anApp()))).toMatchObject({ code: 'bad_credentials' });
    });
  });

  it.each([
    ['an empty answer', raw(200, '')],
    ['a cut answer', raw(200, '{"accessTo')],
    ['a reset', reset],
    ['504', raw(504, '')],
  ])('C8 treats %s as unavailable, for asking changes nothing', async (_name, answer) => {
    api.answerToken = answer;
    expect(await failureOf(someTokens().get(anApp()))).toMatchObject({
      code: 'dingtalk_unavailable',
      outcome: 'not_processed',
    });
  });

  it('goes on with the old token while the platform cannot renew it', async () => {
    const tokens = someTokens();
    await tokens.get(anApp());
    clock.advance(115 * MINUTE_MS);
    api.answerToken = raw(503, '');
    expect(await tokens.get(anApp())).toBe('token-1');
    clock.advance(5 * MINUTE_MS);
    expect(await failureOf(tokens.get(anApp()))).toMatchObject({ code: 'dingtalk_unavailable' });
  });

  it('C3 forgets a refused token once, and does not take it from the shared store again', async () => {
    const shared = new MemorySharedTokens();
    shared.drop = () => Promise.resolve();
    const tokens = someTokens({ shared });
    await tokens.get(anApp());
    await tokens.invalidate(anApp(), 'token-1');
    expect(await tokens.get(anApp())).toBe('token-2');
    await tokens.invalidate(anApp(), 'token-1');
    expect(await tokens.get(anApp())).toBe('token-2');
  });

  it('works without the shared store, and reports that it is away', async () => {
    const faults: unknown[] = [];
    const tokens = someTokens({
      shared: new BrokenStore(),
      onFault: (error) => faults.push(error),
    });
    expect(await tokens.get(anApp())).toBe('token-1');
    await tokens.invalidate(anApp(), 'token-1');
    expect(faults).toHaveLength(3);
  });

  it('survives a token that lives only a minute', async () => {
    api.answerToken = json(200, { accessToken: 'short', expireIn: '60' });
    const tokens = someTokens();
    await tokens.get(anApp());
    clock.advance(29_000);
    await tokens.get(anApp());
    expect(api.tokenCalls).toHaveLength(1);
    clock.advance(1_000);
    await tokens.get(anApp());
    expect(api.tokenCalls).toHaveLength(2);
  });

  it('verifies credentials past the cache', async () => {
    const tokens = someTokens();
    await tokens.get(anApp());
    api.answerToken = json(400, { code: 'invalidClientIdOrSecret' });
    expect(await failureOf(tokens.verify(anApp()))).toMatchObject({ code: 'bad_credentials' });
  });
});
