import { Injectable } from '@nestjs/common';

import {
  answerFileKind,
  answerFileName,
  MAX_ANSWER_FILE_BYTES,
  MAX_ANSWER_FILES,
} from '@common/domain';
import { answerFileKey, ObjectStore, ObjectTooLargeError } from '@common/files';
import { derivedId } from '@common/kernel';
import { Logger } from '@common/logging';

import type { ClaimedTurn } from '../generation/claimed-turn';
import { ModelLines } from '../models/model-lines.service';
import type { AnswerFile } from './answer-file';
import { AnswerFileRepository, type KeptFile } from './answer-file.repository';
import { takeDataImages } from './data-images';

const FETCH_MS = 30_000;

/**
 * Keeps what an agent gives besides words: bytes in the store, a row for each. The sender uploads and shows them.
 * Nothing that goes wrong here costs the answer: the row says why the file is not there.
 */
@Injectable()
export class AnswerFiles {
  constructor(
    private readonly store: ObjectStore,
    private readonly rows: AnswerFileRepository,
    private readonly lines: ModelLines,
    private readonly logger: Logger,
  ) {}

  /** @returns the texts without the images that stood in them as data */
  async keep(
    turn: ClaimedTurn,
    given: readonly AnswerFile[],
    { text, remembered }: { readonly text: string; readonly remembered: string | null },
  ): Promise<{ readonly text: string; readonly remembered: string | null }> {
    const shown = takeDataImages(text, given.length + 1);
    const files = [...given, ...shown.files].slice(0, MAX_ANSWER_FILES);
    if (files.length === 0) return { text, remembered };
    try {
      const kept = [];
      for (const [index, file] of files.entries()) kept.push(await this.one(turn, index + 1, file));
      await this.rows.keep(turn, kept);
    } catch (error) {
      this.logger.warn('files of an answer not kept', { turnId: turn.id, error });
    }
    const kept = remembered === null ? null : takeDataImages(remembered, given.length + 1).text;
    return { text: shown.text, remembered: kept };
  }

  private async one(turn: ClaimedTurn, n: number, file: AnswerFile): Promise<KeptFile> {
    const name = answerFileName(file.name, file.mediaType);
    const kind = answerFileKind(name);
    const row = {
      ...{ id: derivedId('answer file', turn.id, String(turn.attempt), String(n)), n, kind, name },
      mediaType: file.mediaType.slice(0, 100),
    };
    const none = { ...row, bytes: null, objectKey: null };
    if (kind === null) return { ...none, errorCode: 'file_type_unsupported' };
    const key = answerFileKey(turn.tenantId, turn.id, turn.attempt, n);
    try {
      const { bytes } = await this.store.write(key, await this.open(file), MAX_ANSWER_FILE_BYTES);
      return { ...row, bytes, objectKey: key, errorCode: null };
    } catch (error) {
      this.logger.warn('file of an answer not kept', { turnId: turn.id, n, error });
      const code = error instanceof ObjectTooLargeError ? 'file_too_large' : 'file_unreachable';
      return { ...none, errorCode: code };
    }
  }

  private async open({ from }: AnswerFile): Promise<AsyncIterable<Uint8Array>> {
    if ('base64' in from) return chunks(Buffer.from(from.base64, 'base64'));
    const { url, isTrusted } = from;
    const destination = { baseUrl: url, isTrustedAddress: isTrusted, timeouts: {}, proxy: null };
    const fetch = this.lines.to(destination, false);
    const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_MS) });
    if (response.ok && response.body) return response.body as unknown as AsyncIterable<Uint8Array>;
    await response.body?.cancel();
    throw new Error(`the file's address answered ${response.status}`);
  }
}

async function* chunks(whole: Buffer): AsyncIterable<Uint8Array> {
  yield whole;
}
