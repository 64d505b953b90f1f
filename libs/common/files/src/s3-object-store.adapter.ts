import { Readable } from 'node:stream';

import {
  DeleteObjectCommand,
  GetObjectCommand,
  NoSuchKey,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';

import { AppError } from '@common/kernel';

import { Measured } from './measured';
import { mustBeKey } from './object-key';
import {
  ObjectMissingError,
  ObjectStore,
  ObjectStoreUnavailableError,
  type StoredObject,
} from './object-store.port';

export interface S3Settings {
  readonly bucket: string;
  readonly region: string;
  /** Unset: AWS. */
  readonly endpoint?: string | undefined;
  /** Unset: what the SDK finds by itself. */
  readonly credentials?: S3ClientConfig['credentials'] | undefined;
  readonly isPathStyle: boolean;
}

/** Objects of an S3-compatible store: AWS, MinIO, OSS and others. Large ones go in parts of 5 MB, held one at a time. */
export class S3ObjectStore extends ObjectStore {
  private readonly client: S3Client;
  private readonly bucket: string;

  constructor({ bucket, region, endpoint, credentials, isPathStyle }: S3Settings) {
    super();
    this.bucket = bucket;
    this.client = new S3Client({
      region,
      forcePathStyle: isPathStyle,
      maxAttempts: 3,
      requestHandler: { connectionTimeout: 3_000, requestTimeout: 20_000 },
      // Others than AWS do not know its newer checksums; the signature covers what was sent.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(credentials === undefined ? {} : { credentials }),
    });
  }

  async write(
    key: string,
    content: AsyncIterable<Uint8Array>,
    maxBytes: number,
  ): Promise<StoredObject> {
    const measured = new Measured(content, maxBytes);
    const params = { Bucket: this.bucket, Key: mustBeKey(key), Body: Readable.from(measured) };
    const upload = new Upload({ client: this.client, queueSize: 1, params });
    try {
      await upload.done();
      return measured.result;
    } catch (error) {
      throw storeFault(error);
    }
  }

  async open(key: string): Promise<Readable> {
    try {
      const command = new GetObjectCommand({ Bucket: this.bucket, Key: mustBeKey(key) });
      const { Body } = await this.client.send(command);
      // In Node the body is a stream of Node's.
      return Body as Readable;
    } catch (error) {
      throw storeFault(error);
    }
  }

  async remove(key: string): Promise<void> {
    try {
      const command = new DeleteObjectCommand({ Bucket: this.bucket, Key: mustBeKey(key) });
      await this.client.send(command);
    } catch (error) {
      throw storeFault(error);
    }
  }

  close(): Promise<void> {
    this.client.destroy();
    return Promise.resolve();
  }
}

/** Our own verdicts (too large, whatever broke off the content) come through; the SDK's words may hold addresses. */
function storeFault(error: unknown): Error {
  if (error instanceof AppError) return error;
  if (error instanceof NoSuchKey) return new ObjectMissingError();
  const name = error instanceof Error ? error.name : 'unknown';
  return new ObjectStoreUnavailableError(/^\w{1,60}$/.test(name) ? name : 'unknown');
}
