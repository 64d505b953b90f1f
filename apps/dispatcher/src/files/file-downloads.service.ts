import { Injectable } from '@nestjs/common';

import { Secret } from '@common/config';
import { type AppCredentials, DingTalkClient, DingTalkQuotaError } from '@common/dingtalk';
import { ObjectStore, ObjectTooLargeError, type StoredObject, sentFileKey } from '@common/files';
import { SecretBox } from '@common/kernel';
import { Logger } from '@common/logging';

import { DispatcherConfig } from '../dispatcher.config';
import { DownloadPace } from './download-pace.service';
import { FileRepository, type WantedFile } from './file.repository';

/** Brings a file from the platform into our store: code → link → bytes, to a size and to a deadline. */
@Injectable()
export class FileDownloads {
  constructor(
    private readonly platform: DingTalkClient,
    private readonly store: ObjectStore,
    private readonly pace: DownloadPace,
    private readonly rows: FileRepository,
    private readonly secrets: SecretBox,
    private readonly config: DispatcherConfig,
    private readonly logger: Logger,
  ) {}

  /**
   * Each attempt writes an object of its own, so that two that overlap do not disturb each other.
   * @throws FileLaterError · DingTalkError · ObjectTooLargeError · ObjectStoreUnavailableError · OutboundRefusedError
   */
  async fetch(file: WantedFile): Promise<StoredObject & { readonly objectKey: string }> {
    const { channel, downloadCode, robotCode } = file;
    const maxBytes = this.config.FILES_MAX_BYTES;
    if (file.isSpent) throw new DingTalkQuotaError({ api: 'robot/messageFiles/download' });
    await this.pace.pass(file);
    const app = this.appOf(channel);
    const link = await this.platform.files.link(app, { downloadCode, robotCode });
    await this.rows.countCall(file);
    const { content, bytes } = await this.platform.files.open(link, {
      endpoint: channel.endpoint,
      timeoutMs: this.config.FILES_TIMEOUT_MS,
    });
    if (bytes !== null && bytes > maxBytes) {
      await leave(content);
      throw new ObjectTooLargeError(maxBytes);
    }
    const key = keyOf(file, file.attempt);
    return { objectKey: key, ...(await this.store.write(key, content, maxBytes)) };
  }

  /** Removes what the first `attempts` tries may have written: no row names it. */
  async forget(file: WantedFile, attempts: number): Promise<void> {
    for (let n = 1; n <= attempts; n += 1)
      await this.store
        .remove(keyOf(file, n))
        .catch((error: unknown) =>
          this.logger.warn('file of an earlier try not removed', { fileId: file.id, error }),
        );
  }

  private appOf({ clientId, clientSecret, endpoint }: WantedFile['channel']): AppCredentials {
    return { clientId, clientSecret: new Secret(this.secrets.openText(clientSecret)), endpoint };
  }
}

const keyOf = ({ tenantId, channel, id }: WantedFile, attempt: number): string =>
  sentFileKey(tenantId, channel.id, id, attempt);

/** Ends a download without reading it. */
async function leave(content: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of content) if (chunk.length > 0) return;
}
