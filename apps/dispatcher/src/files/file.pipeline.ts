import { Injectable } from '@nestjs/common';

import type { FileJob } from '@common/contracts';
import { ObjectStore } from '@common/files';
import { UnknownMasterKeyError } from '@common/kernel';
import { Logger } from '@common/logging';

import { DispatcherConfig } from '../dispatcher.config';
import { DocumentReader } from '../documents/document-reader.service';
import { ChannelShare } from '../inbound/channel-share';
import { FileDownloads } from './file-downloads.service';
import { FileLaterError } from './file.errors';
import { type FetchedFile, FileRepository, type WantedFile } from './file.repository';
import { troubleOf } from './file-trouble';

/** Tries of one file, those of processes that died included; afterwards it is told as not to be had. */
const MOST_ATTEMPTS = 4;

/**
 * Fetches one file that came with a question: claim → download into the store → look into it → settle its row. Beside the
 * turn, never in its way: whoever answers waits for the row, to a deadline of its own.
 *
 * Running it twice does no harm: one living process holds the claim, and what settles the row names attempt and owner. A
 * second job of the same file finds it claimed or settled.
 */
@Injectable()
export class FilePipeline {
  private readonly inHand = new Set<string>();
  private readonly share: ChannelShare;

  constructor(
    private readonly rows: FileRepository,
    private readonly downloads: FileDownloads,
    private readonly documents: DocumentReader,
    private readonly store: ObjectStore,
    private readonly config: DispatcherConfig,
    private readonly logger: Logger,
  ) {
    this.share = new ChannelShare(Math.ceil(config.FILES_CONCURRENCY / 2));
  }

  async run({ tenantId, fileId }: FileJob): Promise<void> {
    if (this.inHand.has(fileId)) return;
    const channelId = await this.rows.channelOf(tenantId, fileId);
    if (channelId === null) return;
    const leave = this.share.take(channelId);
    this.inHand.add(fileId);
    try {
      const file = await this.rows.claim(tenantId, fileId);
      if (file) await this.settle(file);
    } finally {
      this.inHand.delete(fileId);
      leave();
    }
  }

  private async settle(file: WantedFile): Promise<void> {
    // Whoever began so often and settled nothing died of it: the next would, too.
    if (file.attempt > MOST_ATTEMPTS) return this.giveUp(file, 'file_unreachable');
    const fetched = await this.fetch(file);
    if (!fetched) return;
    const isOurs = await this.rows.keep(file, fetched);
    if (isOurs) await this.downloads.forget(file, file.attempt - 1);
    else await this.store.remove(fetched.objectKey);
    const { bytes, reading } = fetched;
    const { trouble } = reading;
    this.logger.info(isOurs ? 'file stored' : 'file was taken over', {
      ...{ fileId: file.id, attempt: file.attempt, bytes, mediaType: reading.mediaType },
      ...(trouble ? { code: trouble } : {}),
    });
  }

  /** @returns null when it cannot be had, which is settled then. @throws FileLaterError · UnknownMasterKeyError */
  private async fetch(file: WantedFile): Promise<FetchedFile | null> {
    try {
      const stored = await this.downloads.fetch(file);
      const bytes = await this.store.read(stored.objectKey, this.config.FILES_MAX_BYTES);
      const reading = await this.documents.read(new Uint8Array(bytes), file.name);
      return { ...stored, reading };
    } catch (error) {
      // Nothing was asked of the platform: to wait is no try.
      if (isWait(error)) {
        await this.rows.release(file, { isTry: false });
        throw error;
      }
      const { code, againAfterMs } = troubleOf(error);
      const isLast = againAfterMs === null || file.attempt >= MOST_ATTEMPTS;
      this.logger.warn('file not fetched', {
        ...{ fileId: file.id, attempt: file.attempt, code, error },
      });
      if (isLast) {
        await this.giveUp(file, code);
        return null;
      }
      await this.rows.release(file, { isTry: true });
      throw new FileLaterError(againAfterMs, error);
    }
  }

  private async giveUp(file: WantedFile, code: string): Promise<void> {
    await this.rows.fail(file, code);
    await this.downloads.forget(file, file.attempt);
  }
}

/** Also for the key of the channel's secret, which other processes have already. */
const isWait = (error: unknown): boolean =>
  error instanceof FileLaterError ||
  (error instanceof UnknownMasterKeyError && error.retry !== 'never');
