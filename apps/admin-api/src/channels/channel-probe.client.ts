import { randomUUID } from 'node:crypto';

import { Injectable } from '@nestjs/common';

import { CoreConfig } from '@common/bootstrap';
import {
  type AppCredentials,
  type CardTemplate,
  DingTalkClient,
  openingParams,
} from '@common/dingtalk';
import { OutboundGuard } from '@common/outbound';

/** What a call that proves something ended with; null: nothing was wrong. */
export type Trial = unknown;

/** Calls that prove something and change nothing; nobody sees them in chat. */
@Injectable()
export class ChannelProbe {
  private readonly platform: DingTalkClient;

  constructor(config: CoreConfig, guard: OutboundGuard) {
    this.platform = new DingTalkClient({ apiUrl: config.DINGTALK_API_URL, guard });
  }

  /** A fresh token for these credentials, past every cache (§1.2). */
  token(app: AppCredentials): Promise<Trial> {
    return trialOf(this.platform.tokens.verify(app));
  }

  /** A card that is delivered to nobody: needs the template, and the permission to make cards. */
  card(app: AppCredentials, template: CardTemplate): Promise<Trial> {
    const params = openingParams(template, '-', false);
    const card = { outTrackId: `probe-${randomUUID()}`, templateId: template.id, params };
    return trialOf(this.platform.cards.prepare(app, card));
  }

  /** A streaming frame for a card that does not exist: refused for lack of a scope, or for lack of the card (C83). */
  frame(app: AppCredentials, { contentKey }: CardTemplate): Promise<Trial> {
    const frame = { content: '-', isFinalize: false, isError: false, key: contentKey };
    const ids = { outTrackId: `probe-${randomUUID()}`, guid: randomUUID() };
    return trialOf(this.platform.cards.stream(app, { ...frame, ...ids }));
  }

  close(): Promise<void> {
    return this.platform.close();
  }
}

const trialOf = (call: Promise<unknown>): Promise<Trial> =>
  call.then(
    () => null,
    (error: unknown) => error,
  );
