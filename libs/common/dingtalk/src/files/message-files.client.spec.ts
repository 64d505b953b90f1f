import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { OutboundGuard, OutboundRefusedError } from '@common/outbound';
import { standIn } from '@common/testing';

import { EndpointRoutes } from '../http/endpoint-routes';
import type { AppCredentials } from '../open-api/app-credentials';
import { DingTalkRejectedError, DingTalkUnavailableError } from '../open-api/dingtalk.errors';
import type { ApiCall, OpenApi } from '../open-api/open-api.client';
import { DownloadCodeError, FileGoneError, FileHostRefusedError } from './file.errors';
import { FileHosts } from './file-hosts';
import { MessageFiles } from './message-files.client';

const app = standIn<AppCredentials>({ clientId: 'ding1' });
const wish = { downloadCode: 'code-1', robotCode: 'robot-1' };

let act: RequestListener;
let server: Server;
let url: string;
let elsewhere: Server;
const opened: MessageFiles[] = [];
beforeAll(async () => {
  server = createServer((request, response) => act(request, response));
  elsewhere = createServer((_request, response) => response.end('inside'));
  for (const one of [server, elsewhere])
    await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
  url = urlOf(server);
});
afterAll(async () => {
  await Promise.all(opened.map((files) => files.close()));
  for (const one of [server, elsewhere]) one.closeAllConnections();
  for (const one of [server, elsewhere]) await new Promise((resolve) => one.close(resolve));
});
const urlOf = (one: Server): string => `http://127.0.0.1:${(one.address() as AddressInfo).port}`;

function files(
  call: (what: ApiCall) => Promise<Record<string, unknown>> = () => Promise.resolve({}),
) {
  const guard = new OutboundGuard({ allowedHosts: [url] });
  const hosts = new FileHosts(['.aliyuncs.com', 'private.test'], [url]);
  const made = new MessageFiles(
    standIn<OpenApi>({ call }),
    hosts,
    new EndpointRoutes(guard),
    guard,
  );
  opened.push(made);
  return made;
}
async function read(link: string, timeoutMs = 5_000): Promise<string> {
  const chunks: Uint8Array[] = [];
  const { content } = await files().open(link, { timeoutMs });
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('the link of a file', () => {
  it('is asked for with the code and the robot', async () => {
    const asked: ApiCall[] = [];
    const link = await files((what) => {
      asked.push(what);
      return Promise.resolve({ downloadUrl: 'http://x.aliyuncs.com/f?Signature=s' });
    }).link(app, wish);
    expect(link).toBe('http://x.aliyuncs.com/f?Signature=s');
    expect(asked[0]).toMatchObject({ path: '/v1.0/robot/messageFiles/download', body: wish });
  });

  it.each(['downloadCode', 'auth', 'empty'])('C56 of a code refused as %s is lost', async (why) => {
    const call = { api: 'x', platformCode: `invalidParameter.robotCode.${why}` };
    const refused = files(() => Promise.reject(new DingTalkRejectedError(call))).link(app, wish);
    await expect(refused).rejects.toThrow(DownloadCodeError);
  });

  it('that is missing in the answer is lost', async () => {
    await expect(files().link(app, wish)).rejects.toThrow(DownloadCodeError);
  });
});

describe('a file', () => {
  it('comes as bytes, with what the server says of it', async () => {
    act = (_request, response) =>
      response
        .writeHead(200, { 'content-type': 'image/png; x=1', 'content-length': 5 })
        .end('hello');
    const file = await files().open(`${url}/f`, {});
    expect(file).toMatchObject({ mediaType: 'image/png', bytes: 5 });
    for await (const chunk of file.content) expect(Buffer.from(chunk).toString()).toBe('hello');
  });

  it('is followed through redirects of the platform itself, not further', async () => {
    act = ({ url: path }, response) =>
      path === '/end' ? response.end('there') : response.writeHead(302, { location: '/end' }).end();
    expect(await read(`${url}/f`)).toBe('there');
    act = (_request, response) => response.writeHead(302, { location: '/again' }).end();
    await expect(read(`${url}/f`)).rejects.toThrow(FileHostRefusedError);
  });

  it.each([
    ['into our own network', () => urlOf(elsewhere)],
    ['to the metadata of a cloud', () => 'http://169.254.169.254/latest'],
    ['to a file of this machine', () => 'file:///etc/passwd'],
  ])('C56 that redirects %s is not fetched', async (_where, location) => {
    act = (_request, response) => response.writeHead(302, { location: location() }).end();
    await expect(read(`${url}/f`)).rejects.toThrow(FileHostRefusedError);
  });

  it.each([
    ['http://evil.test/f'],
    ['http://aliyuncs.com.evil.test/f'],
    ['http://user:pass@x.aliyuncs.com/f'],
    ['ftp://x.aliyuncs.com/f'],
    ['no link'],
  ])('at %s is not fetched', async (link) => {
    await expect(read(link)).rejects.toThrow(FileHostRefusedError);
  });

  it('at an allowed name that leads into our own network is not fetched', async () => {
    const guard = new OutboundGuard({
      resolve: (_host, _options, done) => done(null, [{ address: '10.0.0.7', family: 4 }]),
    });
    const hosts = new FileHosts(['private.test'], []);
    const api = standIn<OpenApi>({});
    const strict = new MessageFiles(api, hosts, new EndpointRoutes(guard), guard);
    opened.push(strict);
    await expect(strict.open('https://private.test/f', {})).rejects.toThrow(OutboundRefusedError);
  });

  it.each([[403], [404], [410]])('that answers %i is gone', async (status) => {
    act = (_request, response) => response.writeHead(status).end('<Error/>');
    await expect(read(`${url}/f`)).rejects.toThrow(FileGoneError);
  });

  it.each([
    ['500', (): RequestListener => (_request, response) => response.writeHead(500).end()],
    ['a reset', (): RequestListener => (request) => request.socket.resetAndDestroy()],
    ['silence', (): RequestListener => () => undefined],
    [
      'half of it',
      (): RequestListener => (_request, response) => {
        response.writeHead(200, { 'content-length': 100 }).write('half');
        setImmediate(() => response.destroy());
      },
    ],
    ['a trickle', (): RequestListener => (_request, response) => void response.write('x')],
  ])('C56 that answers with %s may be tried again', async (_what, make) => {
    act = make();
    const failure = await read(`${url}/f?Signature=hush`, 150).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DingTalkUnavailableError);
    expect(failure).toMatchObject({ retry: 'backoff' });
    expect(JSON.stringify(failure) + String(failure)).not.toContain('hush');
  });
});

describe('links of known hosts', () => {
  const hosts = new FileHosts(['.aliyuncs.com', '10.0.0.5:9000'], ['http://127.0.0.1:3100']);
  it.each([
    ['http://w.oss.aliyuncs.com/f?a=1', 'https://w.oss.aliyuncs.com/f?a=1'],
    ['http://10.0.0.5:9000/f', 'http://10.0.0.5:9000/f'],
    ['http://127.0.0.1:3100/files/1.file', 'http://127.0.0.1:3100/files/1.file'],
  ])('%s is fetched as %s', (link, as) => expect(hosts.allowed(link)?.href).toBe(as));
});
