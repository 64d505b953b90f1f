import { Injectable } from '@nestjs/common';

import { DingTalkClient, DingTalkError } from '@common/dingtalk';
import { endingOf, MAX_ANSWER_FILE_BYTES } from '@common/domain';
import { ObjectStore } from '@common/files';
import { AppError } from '@common/kernel';
import { Logger } from '@common/logging';

import type { ClaimedDelivery } from '../delivery/claimed-delivery';
import type { TurnEnd } from '../following/followed-turn';
import { EgressStoppedError } from '../platform/egress-stopped.error';
import { LeaseLostError } from '../platform/lease';
import { type CallKind, PlatformCalls } from '../platform/platform-calls.service';
import { wasNotSent } from '../platform/was-not-sent';
import { AnswerFileRepository, type AnswerFileRow } from './answer-file.repository';
import { withFiles } from './files-in-text';

const UPLOAD: CallKind = { path: '/media/upload', purpose: 'create' };
const TO_USER: CallKind = { path: '/v1.0/robot/oToMessages/batchSend', purpose: 'text' };
const TO_GROUP: CallKind = { path: '/v1.0/robot/groupMessages/send', purpose: 'text' };
/** A message of unknown outcome is sent once more; a file cannot carry a mark, so its row says so. */
const MAX_TRIES = 2;

/**
 * What an agent gave besides words: images stand in the text, files follow as messages of their own. Nothing that goes
 * wrong with them costs the answer.
 */
@Injectable()
export class AnswerFiles {
  constructor(
    private readonly platform: DingTalkClient,
    private readonly calls: PlatformCalls,
    private readonly rows: AnswerFileRepository,
    private readonly store: ObjectStore,
    private readonly logger: Logger,
  ) {}

  /** Uploads what is to be shown. @returns the end with its images in the text */
  async upload(delivery: ClaimedDelivery, end: TurnEnd): Promise<TurnEnd> {
    if (!end.hasFiles || end.outcome !== 'answered') return end;
    const files = [];
    for (const file of await this.rows.of(delivery)) files.push(await this.ready(delivery, file));
    return { ...end, text: withFiles(end.text, files, delivery.locale) };
  }

  /** Sends the files after the answer. @throws LeaseLostError · EgressStoppedError */
  async send(delivery: ClaimedDelivery, { hasFiles, outcome }: TurnEnd): Promise<void> {
    if (!hasFiles || outcome !== 'answered') return;
    for (const file of await this.rows.of(delivery))
      if (file.kind === 'file' && file.mediaId !== null) await this.sendOne(delivery, file);
  }

  private async ready(delivery: ClaimedDelivery, file: AnswerFileRow): Promise<AnswerFileRow> {
    const { kind, objectKey, name } = file;
    if (file.mediaId !== null || file.state === 'failed' || !kind || !objectKey) return file;
    try {
      const content = await this.store.read(objectKey, MAX_ANSWER_FILE_BYTES);
      const mediaId = await this.calls.repeatable(delivery.caller, UPLOAD, (app, { signal }) =>
        this.platform.media.upload(app, { kind, name, content }, { signal }),
      );
      await this.rows.uploaded(delivery, file.id, mediaId);
      return { ...file, mediaId };
    } catch (error) {
      return await this.failed(delivery, file, error);
    }
  }

  private async sendOne(delivery: ClaimedDelivery, file: AnswerFileRow): Promise<void> {
    if (file.state === 'sent' || file.state === 'failed' || file.state === 'unknown') return;
    for (let { tries } = file; tries < MAX_TRIES; tries += 1) {
      await this.rows.begin(delivery, file.id);
      try {
        await this.call(delivery, file);
        return await this.rows.settle(delivery, file, 'sent', null);
      } catch (error) {
        if (wasNotSent(error)) await this.rows.notSent(delivery, file.id);
        if (!(error instanceof DingTalkError) || error.outcome !== 'unknown')
          return void (await this.failed(delivery, file, error));
      }
    }
    await this.rows.settle(delivery, file, 'unknown', 'unknown_outcome');
  }

  private async call(delivery: ClaimedDelivery, { name, mediaId }: AnswerFileRow): Promise<void> {
    const { kind, conversationId, staffId, robotCode } = delivery.target;
    const content = { kind: 'file', mediaId: mediaId ?? '', name, type: endingOf(name) } as const;
    const message = { robotCode, content };
    const { robots } = this.platform;
    await (kind === 'group'
      ? this.calls.once(delivery.caller, TO_GROUP, (app, options) =>
          robots.sendToGroup(app, { ...message, openConversationId: conversationId }, options),
        )
      : this.calls.once(delivery.caller, TO_USER, (app, options) =>
          robots.sendToUser(app, { ...message, userId: staffId ?? '' }, options),
        ));
  }

  /** Only what concerns the whole delivery goes on; a file of its own is told of, and left out. */
  private async failed(
    delivery: ClaimedDelivery,
    file: AnswerFileRow,
    error: unknown,
  ): Promise<AnswerFileRow> {
    const isOfAll = error instanceof LeaseLostError || error instanceof EgressStoppedError;
    if (isOfAll || !(error instanceof AppError) || delivery.caller.signal.aborted) throw error;
    const { code } = error;
    this.logger.warn('file of an answer not sent', { deliveryId: delivery.id, code, error });
    await this.rows.settle(delivery, file, 'failed', code);
    return { ...file, state: 'failed', errorCode: code };
  }
}
