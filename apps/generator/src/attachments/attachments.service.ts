import { Injectable } from '@nestjs/common';

import { Clock } from '@common/kernel';

import type { ClaimedAgent, ClaimedTurn } from '../generation/claimed-turn';
import { GeneratorConfig } from '../generator.config';
import type { Attachment, MessageItem } from './attachment';
import { AttachmentRepository } from './attachment.repository';

const LOOK_EVERY_MS = 200;

/** What came with messages, found by the parts of the messages. */
@Injectable()
export class Attachments {
  constructor(
    private readonly rows: AttachmentRepository,
    private readonly config: GeneratorConfig,
    private readonly clock: Clock,
  ) {}

  /**
   * By file id. What is asked now may still be on its way: it is waited for, never longer than `FILES_WAIT_MS`; what has
   * not come by then says so.
   * @throws DatabaseUnavailableError
   */
  async of(
    turn: ClaimedTurn,
    agent: ClaimedAgent,
    messages: readonly { readonly seq: number; readonly parts: readonly MessageItem[] }[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Attachment>> {
    const ids = messages.flatMap(({ parts }) => parts.flatMap(fileIdsOf));
    if (ids.length === 0) return new Map();
    const asked = messages.filter(({ seq }) => seq === turn.seq);
    const awaited = asked.flatMap(({ parts }) => parts.filter(isOfUseTo(agent)).flatMap(fileIdsOf));
    await this.arrival(turn, awaited, signal);
    const found = await this.rows.find(turn.tenantId, ids);
    return new Map(found.map(({ id, attachment }) => [id, attachment]));
  }

  private async arrival(
    { tenantId }: ClaimedTurn,
    ids: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    if (ids.length === 0) return;
    const until = this.clock.now() + this.config.FILES_WAIT_MS;
    while (!signal.aborted && (await this.rows.areAnyWanted(tenantId, ids))) {
      if (this.clock.now() >= until) return;
      await this.clock.sleep(LOOK_EVERY_MS, signal);
    }
  }
}

export const fileIdsOf = (item: MessageItem): string[] =>
  item.type === 'text' ? [] : [item.fileId];

/** Models read documents and see pictures; agents of other houses get everything. */
const isOfUseTo =
  ({ kind }: ClaimedAgent) =>
  ({ type }: MessageItem): boolean =>
    kind === 'http' || kind === 'dify' || type === 'picture' || type === 'file';
