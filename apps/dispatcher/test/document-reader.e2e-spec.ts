import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { DocumentReader } from '../src/documents/document-reader.service';

/** The thread as it is built: it loads readers that Jest cannot. */
const workerFile = join(
  __dirname,
  '../../../dist/apps/dispatcher/src/documents/document.worker.js',
);
const documents = join(__dirname, '../../../tests/fixtures/documents');
const folder = mkdtempSync(join(tmpdir(), 'carillon-reader-'));
afterAll(() => rmSync(folder, { recursive: true }));

const reader = new DocumentReader();
const read = (name: string, bytes = readFileSync(join(documents, name))) =>
  reader.read(new Uint8Array(bytes), name, { workerFile });

it.each([
  ['report.pdf', 'The bell rings at noon.\n\nPage two.', { pages: 2, pagesRead: 2 }],
  ['contract.docx', '合同 Contract\n\nThe bell costs 1,200 yuan.', {}],
  [
    'prices.xlsx',
    '[sheet “价格”]\n钟 Bell | Price | Since\nSmall | 1200 | 2025-01-01\n\n[sheet “Empty”]',
    { pages: 2, pagesRead: 2 },
  ],
  [
    'talk.pptx',
    '[slide 1]\n钟琴 Carillon\nBells & towers\n\n[slide 2]\nSecond\n\n[slide 10]\nTenth',
    { pages: 3, pagesRead: 3 },
  ],
  ['notes-gb18030.csv', '名称,价格\n钟,1200', {}],
])('reads %s', async (name, text, detail) => {
  expect(await read(name)).toMatchObject({ text, trouble: null, detail });
});

it.each([
  ['a scan', 'scan.pdf', undefined, 'file_no_text'],
  ['an archive of anything', 'songs.zip', undefined, 'file_type_unknown'],
  ['a zip bomb', 'bomb.docx', undefined, 'file_too_complex'],
  [
    'half a document',
    'half.docx',
    readFileSync(join(documents, 'contract.docx')).subarray(0, 500),
    'file_damaged',
  ],
  ['half a PDF', 'half.pdf', Buffer.from('%PDF-1.4\n1 0 obj'), 'file_damaged'],
  ['noise', 'noise.bin', Buffer.from([0, 1, 2, 3, 0xff]), 'file_type_unknown'],
])('P10 says of %s why it cannot be read', async (_what, name, bytes, trouble) => {
  expect(await read(name, bytes)).toMatchObject({ text: null, trouble });
});

it('knows a picture by its bytes, whatever it is called', async () => {
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
    'base64',
  );
  expect(await read('x.pdf', png)).toEqual({
    ...{ mediaType: 'image/png', text: null, trouble: null },
    detail: { width: 1, height: 1 },
  });
});

it.each([
  ['never ends', 'for (;;);'],
  ['eats memory', 'const all = []; for (;;) all.push(new Array(1e6).fill(Math.random()));'],
  ['breaks its reader', 'throw new Error("oops")'],
  ['ends its thread', 'process.exit(0)'],
])('P10 a file that %s costs its thread, and nothing else', async (name, script) => {
  const file = join(folder, `${name.replaceAll(' ', '-')}.js`);
  writeFileSync(file, script);
  const options = { workerFile: file, deadlineMs: 1_500 };
  const hostile = reader.read(new Uint8Array([37]), 'x.txt', options);
  expect(await hostile).toMatchObject({ trouble: 'file_too_complex' });
  expect(await read('contract.docx')).toMatchObject({ trouble: null });
});

it('P8 tells the thread nothing of the environment', async () => {
  const file = join(folder, 'env.js');
  writeFileSync(
    file,
    `require('worker_threads').parentPort.postMessage({ text: JSON.stringify(process.env) })`,
  );
  expect(await reader.read(new Uint8Array([37]), 'x.txt', { workerFile: file })).toEqual({
    text: '{}',
  });
});
