import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { request } from 'undici';

import { AllowList } from './allow-list';
import { OutboundGuard, type OutboundGuardOptions, type Resolve } from './outbound-guard';

const refusal = (
  url: string,
  options: OutboundGuardOptions = {},
  extra: string[] = [],
): unknown => {
  try {
    new OutboundGuard(options).check(url, extra);
    return null;
  } catch (error) {
    return (error as { reason: string }).reason;
  }
};

describe('OutboundGuard.check', () => {
  it.each([
    'http://127.0.0.1/',
    'http://127.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http://017700000001/',
    'http://127.0.0.1./',
    'http://①②⑦.0.0.1/',
    'http://0.0.0.0/',
    'http://10.1.2.3/',
    'http://172.16.0.1/',
    'http://192.168.1.1:8080/x',
    'http://100.64.0.1/',
    'http://192.0.0.1/',
    'http://198.18.0.1/',
    'http://224.0.0.1/',
    'http://255.255.255.255/',
    'http://[::]/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[::127.0.0.1]/',
    'http://[64:ff9b::10.0.0.1]/',
    'http://[2002:7f00:1::]/',
    'http://[fc00::1]/',
    'http://[fd12::1]/',
    'http://[fe80::1]/',
    'http://[ff02::1]/',
    'http://[2001:db8::1]/',
    'http://localhost:3000/',
    'http://LOCALHOST./',
    'http://a.localhost/',
  ])('refuses %s', (url) => {
    expect(refusal(url)).toBe('address_not_public');
  });

  it.each([
    'http://169.254.169.254/latest',
    'http://2852039166/',
    'http://[::ffff:169.254.169.254]/',
    'http://0xa9fea9fe/',
  ])('refuses %s whatever is allowed', (url) => {
    const allow = ['169.254.0.0/16', '169.254.169.254', '169.254.169.254:80', '0.0.0.0/0', '::/0'];
    expect(refusal(url, { allow, allowedHosts: [url] }, allow)).toBe('metadata_address');
  });

  it.each([
    ['ftp://example.com/', 'scheme_not_allowed'],
    ['file:///etc/passwd', 'scheme_not_allowed'],
    ['javascript:1', 'scheme_not_allowed'],
    ['https://user:pw@example.com/', 'credentials_in_url'],
    ['/relative', 'not_a_url'],
    ['', 'not_a_url'],
  ])('refuses %s because %s', (url, reason) => {
    expect(refusal(url)).toBe(reason);
  });

  it.each([
    'https://oapi.dingtalk.com/robot/sendBySession?session=x',
    'http://8.8.8.8/',
    'http://[2606:4700::1111]/',
    'http://[64:ff9b::8.8.8.8]/',
  ])('lets %s pass', (url) => expect(refusal(url)).toBeNull());

  it('lets pass what the operator allows, by URL, host, host and port, and network', () => {
    expect(
      refusal('http://127.0.0.1:3100/x', { allowedHosts: ['http://127.0.0.1:3100'] }),
    ).toBeNull();
    expect(refusal('http://127.0.0.1:3101/x', { allowedHosts: ['http://127.0.0.1:3100'] })).toBe(
      'address_not_public',
    );
    expect(refusal('http://localhost:11434/', { allow: ['localhost'] })).toBeNull();
    expect(refusal('http://localhost:1/', { allow: ['localhost:2'] })).toBe('address_not_public');
    expect(refusal('https://localhost/', { allow: ['localhost:443'] })).toBeNull();
    expect(refusal('http://10.9.8.7/', { allow: ['10.0.0.0/8'] })).toBeNull();
    expect(refusal('http://[fd00::5]/', { allow: ['fd00::/8'] })).toBeNull();
    expect(refusal('http://10.9.8.7/', {}, ['http://10.9.8.7'])).toBeNull();
  });

  it('names the host in its error, never path or query', () => {
    expect(() => new OutboundGuard().check('http://10.0.0.1/p4th?session=s3cret')).toThrow(
      expect.objectContaining({
        code: 'outbound_refused',
        details: { reason: 'address_not_public', host: '10.0.0.1' },
      }),
    );
  });

  it('tells an operator which entry it cannot read', () => {
    expect(() => new AllowList(['10.0.0.0/8', 'what is this'])).toThrow(/"what is this"/);
    expect(() => new AllowList(['', ' ', '[::1]:80', 'host.internal:80'])).not.toThrow();
  });
});

describe('OutboundGuard.dispatcher', () => {
  let server: Server;
  let port: number;
  let hits: number;

  beforeAll(async () => {
    server = createServer((incoming, response) => {
      hits += 1;
      if (incoming.url === '/away')
        response.writeHead(302, { location: 'http://169.254.169.254/' });
      response.end('ok');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  beforeEach(() => (hits = 0));
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  /** Answers with the next list each time it is asked. */
  const resolving = (...lists: string[][]): Resolve => {
    let asked = 0;
    return (_host, _options, done) => {
      const list = lists[Math.min(asked++, lists.length - 1)] ?? [];
      done(
        null,
        list.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    };
  };
  async function get(
    options: OutboundGuardOptions,
    path = '',
    host = 'tenant.example',
    extraHosts: string[] = [],
  ) {
    const dispatcher = new OutboundGuard(options).dispatcher({
      extraHosts,
      connectTimeoutMs: 1_000,
    });
    try {
      const { statusCode, body } = await request(`http://${host}:${port}${path}`, { dispatcher });
      await body.dump();
      return statusCode;
    } finally {
      await dispatcher.destroy();
    }
  }

  it.each([
    ['127.0.0.1'],
    ['::1'],
    ['10.0.0.1'],
    ['169.254.169.254'],
    ['::ffff:127.0.0.1'],
    ['100.64.1.1'],
  ])('refuses a name that resolves to %s', async (address) => {
    await expect(get({ resolve: resolving([address]) })).rejects.toMatchObject({
      code: 'outbound_refused',
    });
    expect(hits).toBe(0);
  });

  it('refuses a name with one private address among public ones, and one without any', async () => {
    const mixed = resolving(['8.8.8.8', '127.0.0.1']);
    await expect(get({ resolve: mixed })).rejects.toMatchObject({ code: 'outbound_refused' });
    await expect(get({ resolve: resolving([]) })).rejects.toMatchObject({
      code: 'outbound_refused',
    });
  });

  it('refuses an address in the URL, which needs no look-up', async () => {
    await expect(get({}, '', '127.0.0.1')).rejects.toMatchObject({ code: 'outbound_refused' });
    await expect(get({}, '', '[::1]')).rejects.toMatchObject({ code: 'outbound_refused' });
    expect(hits).toBe(0);
  });

  it('connects to the address it has checked, so that a rebinding name gains nothing', async () => {
    // Public at the first look-up; the second would be ours. There is none: the connection goes to the first.
    let asked = 0;
    const rebinding: Resolve = (_host, _options, done) => {
      asked += 1;
      done(null, [{ address: asked === 1 ? '192.0.2.1' : '127.0.0.1', family: 4 }]);
    };
    await expect(get({ resolve: rebinding, allow: ['192.0.2.0/24'] })).rejects.not.toMatchObject({
      code: 'outbound_refused',
    });
    expect(asked).toBe(1);
    expect(hits).toBe(0);
  });

  it('reaches what is allowed by host, by network, and by an extra host of this dispatcher alone', async () => {
    const resolve = resolving(['127.0.0.1']);
    expect(await get({ resolve, allow: ['tenant.example'] })).toBe(200);
    expect(await get({ resolve, allow: ['127.0.0.0/8'] })).toBe(200);
    expect(await get({ resolve }, '', 'tenant.example', [`tenant.example:${port}`])).toBe(200);
    expect(await get({ allowedHosts: [`http://127.0.0.1:${port}`] }, '', '127.0.0.1')).toBe(200);
    await expect(get({ resolve }, '', 'other.example', ['tenant.example'])).rejects.toMatchObject({
      code: 'outbound_refused',
    });
  });

  it('refuses the metadata address even for an allowed name', async () => {
    const resolve = resolving(['169.254.169.254']);
    await expect(get({ resolve, allow: ['tenant.example', '0.0.0.0/0'] })).rejects.toMatchObject({
      reason: 'metadata_address',
    });
  });

  it('does not follow redirects', async () => {
    expect(
      await get({ resolve: resolving(['127.0.0.1']), allow: ['tenant.example'] }, '/away'),
    ).toBe(302);
    expect(hits).toBe(1);
  });
});
