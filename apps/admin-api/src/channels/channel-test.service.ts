import { Injectable } from '@nestjs/common';

import { Secret } from '@common/config';
import { type AppCredentials, templateOf } from '@common/dingtalk';
import { say } from '@common/domain';
import { SecretBox } from '@common/kernel';

import type { Caller } from '../auth/caller.decorator';
import { NotFoundError } from '../http/api.errors';
import { cardCheck, scopesCheck, streamCheck, templateCheck, tokenCheck } from './channel-checks';
import { ChannelOperations } from './channel-operations.service';
import { ChannelProbe } from './channel-probe.client';
import type { ChannelCheck } from './channel-status.dto';
import { type ChannelRow, ChannelsRepository } from './channels.repository';

/** Tries a channel without its users noticing: nothing is sent to anybody but a tester who was named. */
@Injectable()
export class ChannelTest {
  constructor(
    private readonly channels: ChannelsRepository,
    private readonly operations: ChannelOperations,
    private readonly probe: ChannelProbe,
    private readonly box: SecretBox,
  ) {}

  /** @param testerStaffId who is shown a real card; unset: nobody notices anything */
  async run(caller: Caller, id: string, testerStaffId?: string): Promise<ChannelCheck[]> {
    const channel = await this.channels.find(caller.tenantId, id);
    const sealed = await this.channels.sealedSecrets(caller.tenantId, id);
    if (!channel || !sealed) throw new NotFoundError('channel');
    const clientSecret = new Secret(this.box.openText(sealed.client_secret));
    const endpoint = channel.endpoint && {
      ...channel.endpoint,
      isTrusted: channel.trusted_endpoint,
    };
    const app = { clientId: channel.client_id, clientSecret, endpoint };
    const stream = streamCheck(await this.operations.status(caller, id));
    const token = tokenCheck(await this.probe.token(app));
    const cards = channel.card.enabled ? await this.cards(app, token.ok, channel.card) : [];
    const canary =
      testerStaffId === undefined ? [] : [await this.canary(app, token.ok, channel, testerStaffId)];
    return [stream, token, ...cards, ...canary];
  }

  private async canary(
    app: AppCredentials,
    hasToken: boolean,
    channel: ChannelRow,
    testerStaffId: string,
  ): Promise<ChannelCheck> {
    if (!hasToken) return cardCheck(undefined);
    const robotCode = channel.robot_code ?? channel.client_id;
    const text = say('canary', channel.locale);
    return cardCheck(
      await this.probe.show(app, templateOf(channel.card), { robotCode, testerStaffId, text }),
    );
  }

  private async cards(
    app: AppCredentials,
    hasToken: boolean,
    settings: Parameters<typeof templateOf>[0],
  ): Promise<ChannelCheck[]> {
    if (!hasToken) return [scopesCheck(null), templateCheck(undefined)];
    const template = templateOf(settings);
    const card = await this.probe.card(app, template);
    const frame = await this.probe.frame(app, template);
    return [scopesCheck({ card, frame }), templateCheck(card)];
  }
}
