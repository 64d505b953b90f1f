import { Injectable } from '@nestjs/common';

import {
  CardTemplateError,
  CardTemplateMismatchError,
  type DingTalkError,
  DingTalkScopeMissingError,
} from '@common/dingtalk';
import { Database } from '@common/persistence';

import type { ClaimedDelivery } from '../delivery/claimed-delivery';
import { SenderConfig } from '../sender.config';

interface Notice {
  readonly code: 'card_permission_missing' | 'card_template_unusable';
  readonly message: string;
  readonly userAction: string;
}

/**
 * Cards that cannot work (permission, template) are remembered per channel, so that not every answer tries in vain; the
 * channel's status says what to do. After the time is over the next answer tries again.
 */
@Injectable()
export class CardNotices {
  constructor(
    private readonly database: Database,
    private readonly config: SenderConfig,
  ) {}

  async remember({ tenantId, channelId }: ClaimedDelivery, error: DingTalkError): Promise<void> {
    const notice = noticeOf(error);
    if (!notice) return;
    await this.database.inTenantOnce(tenantId, UPSERT, [
      tenantId,
      channelId,
      notice.code,
      notice.message,
      notice.userAction,
      this.config.SENDER_CARDS_RETRY_MS,
    ]);
  }
}

function noticeOf(error: DingTalkError): Notice | null {
  if (error instanceof DingTalkScopeMissingError)
    return {
      code: 'card_permission_missing',
      message: `The DingTalk app lacks the permission ${error.requiredScopes.join(', ') || 'for cards'}; answers are sent as Markdown messages.`,
      userAction:
        'Grant the permission in the DingTalk developer console, publish the app, then save or restart the channel.',
    };
  if (error instanceof CardTemplateError || error instanceof CardTemplateMismatchError)
    return {
      code: 'card_template_unusable',
      message:
        'The card template or its content key does not work with this app; answers are sent as Markdown messages.',
      userAction:
        'Check card.templateId and card.contentKey of the channel, and that the template is published.',
    };
  return null;
}

const UPSERT = `
INSERT INTO channel_notice (tenant_id, channel_id, code, message, user_action, until)
VALUES ($1, $2, $3, $4, $5, now() + $6 * interval '1 millisecond')
ON CONFLICT (channel_id, code) DO UPDATE
   SET message = EXCLUDED.message, user_action = EXCLUDED.user_action, at = now(), until = EXCLUDED.until`;
