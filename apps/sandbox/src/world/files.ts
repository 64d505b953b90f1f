import { randomUUID } from 'node:crypto';
import { BoundedMap } from './bounded-map';

/** A file a person sent; the bot gets it by its download code (§4.6). */
export interface StoredFile {
  readonly downloadCode: string;
  readonly name: string;
  readonly contentType: string;
  readonly content: Buffer;
  /** Serves this many filler bytes instead of `content`. */
  readonly sizeBytes?: number | undefined;
  /** Answers like this instead of serving: an error status, or a redirect. */
  readonly status?: number | undefined;
  readonly redirect?: string | undefined;
  readonly delayMs?: number | undefined;
  /** Only this robot may download it; absent: any. */
  readonly clientId?: string | undefined;
  /** The code is wrong or expired. */
  readonly expired?: boolean | undefined;
}

const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

/** Files by download code, and download links by key. */
export class Files {
  private readonly files = new BoundedMap<StoredFile>(500);
  private readonly links = new BoundedMap<{ file: StoredFile; expiresAt: number }>(2_000);

  constructor() {
    this.put({
      downloadCode: 'sandbox-picture',
      name: 'picture.png',
      contentType: 'image/png',
      content: Buffer.from(PIXEL, 'base64'),
    });
    this.put({
      downloadCode: 'sandbox-file',
      name: 'notes.txt',
      contentType: 'text/plain; charset=utf-8',
      content: Buffer.from('Notes from the sandbox.\n沙箱里的笔记。\n'),
    });
  }

  put(file: StoredFile): StoredFile {
    this.files.set(file.downloadCode, file);
    return file;
  }

  find(downloadCode: string): StoredFile | undefined {
    return this.files.get(downloadCode);
  }

  /** A temporary link, one hour. */
  link(file: StoredFile): { key: string; expiresAt: number } {
    const key = randomUUID();
    const expiresAt = Date.now() + 3_600_000;
    this.links.set(key, { file, expiresAt });
    return { key, expiresAt };
  }

  follow(key: string): StoredFile | undefined {
    const link = this.links.get(key);
    return link && link.expiresAt > Date.now() ? link.file : undefined;
  }
}
