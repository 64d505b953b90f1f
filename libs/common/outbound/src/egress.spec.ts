import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { request } from 'undici';

import { ConnectProxy } from '@common/testing';

import { Egress } from './egress';

const PROXY = 'http://proxy.example:3128';
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

describe('Egress', () => {
  it('leaves directly when no proxy is set up', () => {
    const egress = new Egress();
    expect(egress.dispatcher).toBeUndefined();
    expect(egress.agentFor('wss://stream.example/connect')).toBeUndefined();
  });

  it.each([
    ['', 'wss://stream.example', true],
    ['', 'ws://127.0.0.1:3100', false],
    ['', 'ws://localhost:3100', false],
    ['', 'ws://[::1]:3100', false],
    ['stream.example', 'wss://stream.example', false],
    ['STREAM.example', 'wss://stream.example', false],
    ['example', 'wss://stream.example', true],
    ['.example', 'wss://stream.example', false],
    ['*.example', 'wss://stream.example', false],
    ['other.example, stream.example', 'wss://stream.example', false],
    ['stream.example:443', 'wss://stream.example', false],
    ['stream.example:8443', 'wss://stream.example', true],
    ['*', 'wss://stream.example', false],
  ])('with NO_PROXY "%s" calls %s through the proxy: %s', (noProxy, url, isProxied) => {
    const egress = new Egress({ proxyUrl: PROXY, noProxy });
    open.push(egress);
    expect(egress.agentFor(url) !== undefined).toBe(isProxied);
  });

  it('sends HTTP calls through the proxy, and calls of this machine not', async () => {
    const target = createServer((_request, response) => response.end('it is me'));
    await new Promise<void>((done) => target.listen(0, '127.0.0.1', done));
    open.push({
      close: () => {
        target.closeAllConnections();
        target.close();
      },
    });
    const { port } = target.address() as AddressInfo;
    const proxy = await ConnectProxy.to(port);
    open.push(proxy);
    const egress = new Egress({ proxyUrl: proxy.url });
    open.unshift(egress);
    const { dispatcher } = egress;
    if (!dispatcher) throw new Error('no dispatcher');

    const far = await request('http://dingtalk.example/v1.0', { dispatcher });
    const near = await request(`http://127.0.0.1:${port}/v1.0`, { dispatcher });

    expect(await far.body.text()).toBe('it is me');
    expect(await near.body.text()).toBe('it is me');
    expect(proxy.asked).toEqual(['CONNECT dingtalk.example:80 HTTP/1.1']);
  });
});
