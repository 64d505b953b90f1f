import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Secret } from '@common/config';

import { FolderObjectStore } from './folder-object-store.adapter';
import { objectKey } from './object-key';
import { ObjectMissingError, type ObjectStore, ObjectTooLargeError } from './object-store.port';
import { openObjectStore } from './open-object-store';
import { S3Server } from './s3-server.fixture';

const TENANT = '00000000-0000-4000-8000-000000000001';
const key = objectKey(TENANT, 'channel', 'file-1');
const MB = 1024 * 1024;

async function* pieces(...all: readonly Buffer[]) {
  for (const piece of all) yield await Promise.resolve(piece);
}
async function* broken() {
  yield await Promise.resolve(Buffer.from('half'));
  throw new RangeError('the line broke');
}

let folder: string;
let server: S3Server;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carillon-files-'));
  server = await S3Server.start();
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await server.stop();
});

const stores: [string, () => ObjectStore][] = [
  ['a folder', () => new FolderObjectStore(folder)],
  [
    'an S3-compatible store',
    () =>
      openObjectStore({
        FILES_DIR: folder,
        FILES_S3_BUCKET: 'bells',
        FILES_S3_ENDPOINT: server.url,
        FILES_S3_REGION: 'eu-west-1',
        FILES_S3_ACCESS_KEY_ID: new Secret('id-1'),
        FILES_S3_SECRET_ACCESS_KEY: new Secret('hush'),
        FILES_S3_PATH_STYLE: true,
      }),
  ],
];

describe.each(stores)('%s', (_what, open) => {
  let store: ObjectStore;
  beforeEach(() => (store = open()));
  afterEach(() => store.close());

  it('keeps what was written, and says how large it was and its hash', async () => {
    const [one, two] = [Buffer.from('Hel'), Buffer.from('lo')];
    const stored = await store.write(key, pieces(one, two), 100);
    const sha256 = createHash('sha256').update('Hello').digest('hex');
    expect(stored).toEqual({ bytes: 5, sha256 });
    expect((await store.read(key, 100)).toString()).toBe('Hello');
  });

  it('keeps what is larger than one part', async () => {
    const large = Buffer.alloc(6 * MB, 'x');
    const stored = await store.write(
      key,
      pieces(large.subarray(0, MB), large.subarray(MB)),
      9 * MB,
    );
    expect(stored.bytes).toBe(6 * MB);
    expect((await store.read(key, 9 * MB)).equals(large)).toBe(true);
  });

  it('twice: the second content replaces the first', async () => {
    await store.write(key, pieces(Buffer.from('one')), 100);
    await store.write(key, pieces(Buffer.from('two')), 100);
    expect((await store.read(key, 100)).toString()).toBe('two');
  });

  it('ends where there is more than was allowed, and keeps nothing of it', async () => {
    const over = objectKey(TENANT, 'channel', 'over');
    await expect(store.write(over, pieces(Buffer.alloc(11)), 10)).rejects.toThrow(
      ObjectTooLargeError,
    );
    await expect(store.read(over, 100)).rejects.toThrow(ObjectMissingError);
  });

  it('passes on what broke the content off, and keeps nothing of it', async () => {
    const half = objectKey(TENANT, 'channel', 'half');
    await expect(store.write(half, broken(), 100)).rejects.toThrow(/line broke|cannot be used/);
    await expect(store.read(half, 100)).rejects.toThrow(ObjectMissingError);
  });

  it('removes, and does not mind what is not there', async () => {
    await store.write(key, pieces(Buffer.from('gone')), 100);
    await store.remove(key);
    await store.remove(key);
    await expect(store.open(key)).rejects.toThrow(ObjectMissingError);
  });

  it('reads no more than it was asked for', async () => {
    await store.write(key, pieces(Buffer.from('longer')), 100);
    await expect(store.read(key, 3)).rejects.toThrow(ObjectTooLargeError);
  });
});

it('leaves no drafts in the folder', async () => {
  const names = await readdir(folder, { recursive: true });
  expect(names.filter((name) => name.endsWith('.part'))).toEqual([]);
});

it('P8 signs its requests, and says no secret when it fails', async () => {
  expect(
    server.signatures.every((one) => one.startsWith('AWS4-HMAC-SHA256 Credential=id-1/')),
  ).toBe(true);
  const away = openObjectStore({
    FILES_DIR: folder,
    FILES_S3_BUCKET: 'bells',
    FILES_S3_ENDPOINT: 'http://127.0.0.1:9',
    FILES_S3_REGION: 'eu-west-1',
    FILES_S3_ACCESS_KEY_ID: new Secret('id-1'),
    FILES_S3_SECRET_ACCESS_KEY: new Secret('hush'),
    FILES_S3_PATH_STYLE: true,
  });
  const failure = await away.open(key).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'object_store_unavailable', retry: 'backoff' });
  expect(JSON.stringify(failure) + String(failure)).not.toMatch(/hush|id-1/);
  await away.close();
});

it.each(['../../etc', 'a/b', '', 'a.b'])('makes no key of %j', (part) => {
  expect(() => objectKey(TENANT, part)).toThrow(RangeError);
});
