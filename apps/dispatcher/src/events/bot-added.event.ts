import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import { say } from '@common/domain';
import type { Tx } from '@common/persistence';

import { PlainReplies } from '../inbound/plain-replies.service';
import type { EventEnd, LoosePlatformEvent } from '../loose/loose-event';
import { WelcomeRepository } from '../welcome/welcome.repository';
import { PlatformEventHandler } from './platform-event.port';

const installed = z.looseObject({
  openConversationId: z.string().min(1),
  robotCode: z.string().min(1).optional(),
  operator: z.string().min(1).optional(),
});

/** The bot was added to a group: it says once what it can do, unless the channel is told to be quiet. */
@Injectable()
export class BotAdded extends PlatformEventHandler {
  readonly types = ['im_cool_app_install'];

  constructor(
    private readonly welcomes: WelcomeRepository,
    private readonly replies: PlainReplies,
  ) {
    super();
  }

  async apply(event: LoosePlatformEvent, tx: Tx): Promise<EventEnd> {
    const { id, tenantId, channel } = event;
    const { data } = installed.safeParse(event.content.data);
    if (!data || !channel.enabled) return { cause: 'added_ignored' };
    const conversationId = data.openConversationId;
    const isFirst = await this.welcomes.group(tx, {
      tenantId,
      channelId: channel.id,
      conversationId,
    });
    if (!isFirst) return { cause: 'added_quietly' };
    const work = await this.replies.note(
      {
        ...{ id, tenantId, channelId: channel.id, locale: channel.locale },
        replyWebhook: null,
        replyWebhookExpiresAt: null,
        target: {
          kind: 'group',
          conversationId,
          staffId: null,
          name: null,
          robotCode: data.robotCode ?? channel.robotCode ?? channel.clientId,
        },
      },
      say('help', channel.locale, { bot: channel.name }),
      tx,
    );
    return { cause: 'added', aftermath: { works: [work] } };
  }
}
