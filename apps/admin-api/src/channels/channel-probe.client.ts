import { randomUUID } from 'node:crypto';

import { Injectable } from '@nestjs/common';

import { CoreConfig } from '@common/bootstrap';
import {
  type AppCredentials,
  type CardTemplate,
  closingParams,
  DingTalkClient,
  openingParams,
} from '@common/dingtalk';
import { AppError } from '@common/kernel';
import { Egress, OutboundGuard } from '@common/outbound';

/** A card for one chosen person. */
export interface Canary {
  readonly robotCode: string;
  readonly testerStaffId: string;
  readonly text: string;
}

/** The platform took the card, and showed it to nobody. */
export class CanaryNotDeliveredError extends AppError {
  readonly code = 'card_not_delivered';
  readonly retry = 'never';

  constructor(reason = 'not delivered') {
    super(`the card was not delivered: ${reason}`);
  }
}

/** What a call that proves something ended with; null: nothing was wrong. */
export type Trial = unknown;

/** Calls that prove something and change nothing; nobody sees them in chat. */
@Injectable()
export class ChannelProbe {
  private readonly platform: DingTalkClient;

  constructor(config: CoreConfig, guard: OutboundGuard, egress: Egress) {
    this.platform = new DingTalkClient({ apiUrl: config.DINGTALK_API_URL, guard, egress });
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

  /** A small card that this person sees, from its beginning to its end. Null when all of it worked. */
  show(app: AppCredentials, template: CardTemplate, canary: Canary): Promise<Trial> {
    return trialOf(this.showCard(app, template, canary));
  }

  private async showCard(
    app: AppCredentials,
    template: CardTemplate,
    { robotCode, testerStaffId, text }: Canary,
  ): Promise<void> {
    const { cards } = this.platform;
    const outTrackId = `canary-${randomUUID()}`;
    const { delivered, reason } = await cards.create(app, {
      outTrackId,
      templateId: template.id,
      params: openingParams(template, text, true),
      target: { kind: 'direct', userId: testerStaffId, robotCode },
      lastMessage: text,
    });
    if (!delivered) throw new CanaryNotDeliveredError(reason);
    await cards.stream(app, {
      ...{ outTrackId, guid: randomUUID(), key: template.contentKey },
      ...{ content: text, isFinalize: true, isError: false },
    });
    if (template.family === 'flow_status')
      await cards.update(app, { outTrackId, params: closingParams(template, text) });
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
