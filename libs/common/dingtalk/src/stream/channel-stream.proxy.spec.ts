import { Egress } from '@common/outbound';
import { ConnectProxy } from '@common/testing';

import { answerWith, until } from './fake-gateway.fixture';
import { StreamHarness } from './stream-harness.fixture';

const t = new StreamHarness();
beforeEach(() => t.setUp());
afterEach(() => t.tearDown());

describe('ChannelStream behind a proxy', () => {
  it('opens, connects and is served through it, and counts what became of its attempts', async () => {
    const proxy = await ConnectProxy.to(Number(new URL(t.gateway.url).port));
    const egress = new Egress({ proxyUrl: proxy.url, noProxy: 'elsewhere.example' });
    const counted: string[] = [];
    t.gateway.answerOpen = answerWith(
      200,
      JSON.stringify({ endpoint: 'ws://stream.example/connect', ticket: 'a+b/c=' }),
    );
    t.aStream({
      apiUrl: 'http://api.example',
      egress,
      onOpened: (result) => counted.push(`opened ${result}`),
      onEnded: (reason) => counted.push(`ended ${reason}`),
    });

    await t.connected();
    t.gateway.push('through the proxy');
    await until(() => t.gateway.acks.length === 1);
    t.gateway.socket.terminate();
    await until(() => counted.length === 2);

    expect(proxy.asked).toEqual([
      'CONNECT api.example:80 HTTP/1.1',
      'CONNECT stream.example:80 HTTP/1.1',
    ]);
    expect(t.gateway.tickets).toEqual(['a+b/c=']);
    expect(counted).toEqual(['opened connected', 'ended connection_lost']);
    await t.stream?.stop();
    proxy.close();
    await egress.close();
  });

  it('names a proxy that is not there, without quoting its password', async () => {
    const egress = new Egress({ proxyUrl: 'http://user:proxy-password@127.0.0.1:1' });
    t.aStream({ apiUrl: 'http://api.example', egress });

    await until(() => t.stream?.report.lastError !== null);

    expect(t.stream?.report).toMatchObject({ state: 'disconnected', code: 'connection_refused' });
    expect(JSON.stringify([t.reports, t.faults])).not.toContain('proxy-password');
    await egress.close();
  });
});
