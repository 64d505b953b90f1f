import { HastyClock, standIn } from '@common/testing';

import { anAttachment, aPicture } from '../attachments/attachment.fixture';
import { aQuestion } from '../generation/claimed-turn.fixture';
import { ModelServer, refuses, streams } from '../models/model-server.fixture';
import { aVoice, secrets } from '../models/voice.fixture';
import type { HistoryMessage, OutsideQuestion } from './agent.port';
import { DifyAgent } from './dify-agent';
import type { DifyConversations } from './dify-conversations.repository';
import { HttpAgent } from './http-agent';
import { OutsideLine } from './outside-line.service';

let server: ModelServer;
beforeEach(async () => {
  server = await new ModelServer().listen();
});
afterEach(() => server.close());

const outside = (): OutsideQuestion => ({
  endpoint: { url: server.url, secret: secrets.seal('s3cret'), isTrustedAddress: true },
  ...{ tenantId: 'tenant', agentId: 'agent', sessionId: 'session', memberId: 'member' },
});
const event = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`;
const aLine = () => {
  const { lines, config, clock } = aVoice({ clock: new HastyClock() });
  return new OutsideLine(lines, config, clock);
};
const base64 = Buffer.from('bytes').toString('base64');
const asked = (...attachments: NonNullable<HistoryMessage['attachments']>) =>
  aQuestion({ outside: outside(), history: [{ role: 'user', text: '[picture 1]', attachments }] });
async function drain(parts: AsyncIterable<unknown>): Promise<void> {
  for await (const part of parts) expect(part).toBeDefined();
}
const never = new AbortController().signal;

describe('an endpoint of the tenant’s own', () => {
  it('gives files with its answer, trusted on its own host alone', async () => {
    const own = `${server.url}/report.pdf`;
    const files = [
      { name: 'a.png', mimeType: 'image/png', base64 },
      { name: 'report.pdf', url: own },
      { name: 'b.pdf', url: 'http://10.0.0.1/b.pdf' },
      { name: 'nothing' },
    ];
    server.acts = [streams([event({ text: 'Here.', files }), 'event: done\ndata: {}\n\n'])];
    const agent = new HttpAgent(aLine(), secrets, new HastyClock());
    const parts = [];
    for await (const part of agent.answer(asked(), never)) parts.push(part);
    expect(parts).toEqual([
      { text: 'Here.' },
      { file: { name: 'a.png', mediaType: 'image/png', from: { base64 } } },
      { file: { name: 'report.pdf', mediaType: '', from: { url: own, isTrusted: true } } },
      {
        file: {
          ...{ name: 'b.pdf', mediaType: '' },
          from: { url: 'http://10.0.0.1/b.pdf', isTrusted: false },
        },
      },
    ]);
  });

  const ask = async (...attachments: NonNullable<HistoryMessage['attachments']>) => {
    server.acts = [streams([event({ text: 'Seen.' }), 'event: done\ndata: {}\n\n'])];
    const agent = new HttpAgent(aLine(), secrets, new HastyClock());
    await drain(agent.answer(asked(...attachments), never));
    return server.requests[0]?.body['messages'];
  };

  it('is sent the files of the question', async () => {
    const sent = await ask(aPicture(), anAttachment({ n: 2 }));
    expect(sent).toEqual([
      {
        role: 'user',
        text: '[picture 1]',
        parts: [
          { n: 1, type: 'image', name: null, mediaType: 'image/png', bytes: 5, content: base64 },
          {
            n: 2,
            type: 'file',
            name: 'notes.txt',
            mediaType: 'text/plain',
            bytes: 5,
            content: base64,
          },
        ],
      },
    ]);
  });

  it('is told why it is not sent one', async () => {
    const sent = await ask(
      aPicture({ isStored: false, trouble: 'file_expired' }),
      anAttachment({ n: 2, bytes: 11 * 1024 * 1024 }),
    );
    expect(sent).toMatchObject([
      { parts: [{ error: 'file_expired' }, { error: 'too_large_to_send_along' }] },
    ]);
    expect(JSON.stringify(sent)).not.toContain('content');
  });
});

describe('an app of Dify', () => {
  const end = streams([event({ event: 'message_end', task_id: 't', conversation_id: 'c' })]);
  const uploads = refuses(201, '', {}, { id: 'upload-1' });
  const ask = (...attachments: NonNullable<HistoryMessage['attachments']>) => {
    const conversations = standIn<DifyConversations>({
      find: () => Promise.resolve(null),
      keep: () => Promise.resolve(),
    });
    const agent = new DifyAgent(aLine(), secrets, conversations);
    return drain(agent.answer(asked(...attachments), never));
  };

  it('is given the files of the question before it is asked', async () => {
    server.acts = [uploads, uploads, end];
    await ask(aPicture(), anAttachment({ n: 2, kind: 'file' }));

    const [upload, , chat] = server.requests;
    expect(upload).toMatchObject({ path: '/v1/files/upload', authorization: 'Bearer s3cret' });
    const form = String(upload?.body['form']);
    expect(form).toMatch(/name="user"/);
    expect(form).toMatch(/name="file"; filename="picture-1.png"[^]*image\/png[^]*bytes/);
    expect(chat?.body['files']).toEqual([
      { type: 'image', transfer_method: 'local_file', upload_file_id: 'upload-1' },
      { type: 'document', transfer_method: 'local_file', upload_file_id: 'upload-1' },
    ]);
    const user = String(chat?.body['user']);
    expect(form).toContain(user);
  });

  it('is asked without a file that it refuses', async () => {
    server.acts = [refuses(415, 'unsupported'), end];
    await ask(aPicture());
    expect(server.requests.map(({ path }) => path)).toEqual([
      '/v1/files/upload',
      '/v1/chat-messages',
    ]);
    expect(server.requests[1]?.body).not.toHaveProperty('files');
  });
});
