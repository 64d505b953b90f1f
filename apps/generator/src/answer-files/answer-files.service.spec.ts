import { type ObjectStore, ObjectStoreUnavailableError, ObjectTooLargeError } from '@common/files';
import { RecordingLogger, standIn } from '@common/testing';

import { aClaimedTurn } from '../generation/claimed-turn.fixture';
import type { ModelLines } from '../models/model-lines.service';
import type { AnswerFile } from './answer-file';
import type { AnswerFileRepository, KeptFile } from './answer-file.repository';
import { AnswerFiles } from './answer-files.service';

function aKeeper() {
  const kept: KeptFile[] = [];
  const stored = new Map<string, string>();
  const store = { failure: null as Error | null };
  const asked: { url: string; isTrusted: boolean }[] = [];
  const pages = new Map<string, Response>();
  const files = new AnswerFiles(
    standIn<ObjectStore>({
      write: async (key, content) => {
        if (store.failure) throw store.failure;
        const chunks: Uint8Array[] = [];
        for await (const chunk of content) chunks.push(chunk);
        const whole = Buffer.concat(chunks);
        stored.set(key, whole.toString());
        return { bytes: whole.length, sha256: '' };
      },
    }),
    standIn<AnswerFileRepository>({
      keep: (_turn, rows) => Promise.resolve(void kept.push(...rows)),
    }),
    standIn<ModelLines>({
      to: ({ isTrustedAddress }) =>
        ((url: string) => {
          asked.push({ url, isTrusted: isTrustedAddress });
          const page = pages.get(url);
          return page ? Promise.resolve(page) : Promise.reject(new Error('refused'));
        }) as unknown as typeof fetch,
    }),
    new RecordingLogger(),
  );
  const words = { text: 'Here.', remembered: 'Here.' };
  const keep = (...given: AnswerFile[]) => files.keep(aClaimedTurn(), given, words);
  return { files, keep, kept, stored, store, asked, pages };
}
const base64 = Buffer.from('bytes').toString('base64');
const report: AnswerFile = {
  ...{ name: '../../etc/report', mediaType: 'application/pdf', from: { base64 } },
};

describe('AnswerFiles', () => {
  it('keeps bytes in the store and a row for each, under a name without a path', async () => {
    const { keep, kept, stored } = aKeeper();
    expect(await keep(report)).toEqual({ text: 'Here.', remembered: 'Here.' });
    expect(kept).toMatchObject([
      { n: 1, kind: 'file', name: 'report.pdf', bytes: 5, errorCode: null },
    ]);
    expect([...stored.values()]).toEqual(['bytes']);
  });

  it('fetches what is named by its address, trusted only where the agent itself is', async () => {
    const { keep, kept, asked, pages, stored } = aKeeper();
    pages.set('https://files.example/a.png', new Response('png'));
    await keep({
      ...{ name: 'a.png', mediaType: 'image/png' },
      from: { url: 'https://files.example/a.png', isTrusted: false },
    });
    expect(asked).toEqual([{ url: 'https://files.example/a.png', isTrusted: false }]);
    expect(kept).toMatchObject([{ kind: 'image', errorCode: null }]);
    expect([...stored.values()]).toEqual(['png']);
  });

  it.each([
    ['file_too_large', new ObjectTooLargeError(1), report],
    ['file_unreachable', new ObjectStoreUnavailableError('ENOSPC'), report],
    ['file_type_unsupported', null, { ...report, name: 'run.exe', mediaType: '' }],
    [
      'file_unreachable',
      null,
      { ...report, from: { url: 'http://10.0.0.1/a.pdf', isTrusted: false } },
    ],
  ])('%s costs the file and not the answer', async (code, failure, file) => {
    const { keep, kept, store } = aKeeper();
    store.failure = failure;
    expect(await keep(file)).toEqual({ text: 'Here.', remembered: 'Here.' });
    expect(kept).toMatchObject([{ errorCode: code, objectKey: null }]);
  });

  it('takes images out of the words, and keeps ten at the most', async () => {
    const { files, kept } = aKeeper();
    const text = `![plot](data:image/png;base64,${base64})`;
    const given = Array.from({ length: 9 }, () => report);
    expect(await files.keep(aClaimedTurn(), given, { text, remembered: null })).toEqual({
      text: '![plot](attachment:10)',
      remembered: null,
    });
    expect(kept).toHaveLength(10);
  });
});
