import { Injectable } from '@nestjs/common';

import { SecretBox } from '@common/kernel';

import type { Caller } from '../auth/caller.decorator';
import { NotFoundError } from '../http/api.errors';
import { cardCheck, streamCheck, tokenCheck } from './channel-checks';
import { ChannelOperations } from './channel-operations.service';
import { ChannelProbe } from './channel-probe.client';
import type { ChannelCheck } from './channel-status.dto';
import { ChannelsRepository } from './channels.repository';

/** The streaming variable of the public template (messaging reference §6.2). */
const DEFAULT_CONTENT_KEY = 'content';

/** Tries a channel without its users noticing: nothing is sent to anybody. */
@Injectable()
export class ChannelTest {
  constructor(
    private readonly channels: ChannelsRepository,
    private readonly operations: ChannelOperations,
    private readonly probe: ChannelProbe,
    private readonly box: SecretBox,
  ) {}

  async run(caller: Caller, id: string): Promise<ChannelCheck[]> {
    const channel = await this.channels.find(caller.tenantId, id);
    const sealed = await this.channels.sealedSecrets(caller.tenantId, id);
    if (!channel || !sealed) throw new NotFoundError('channel');
    const token = await this.probe.token(
      channel.client_id,
      this.box.openText(sealed.client_secret),
    );
    const checks = [streamCheck(await this.operations.status(caller, id)), tokenCheck(token)];
    if (!channel.card.enabled) return checks;
    const key = channel.card.contentKey ?? DEFAULT_CONTENT_KEY;
    const card = token.accessToken === null ? null : await this.probe.card(token.accessToken, key);
    return [...checks, cardCheck(card)];
  }
}
