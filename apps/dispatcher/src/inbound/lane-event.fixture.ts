import {
  accessRules,
  choiceSettings,
  memberMapping,
  serviceSettings,
  welcomeSettings,
} from '@common/domain';

import type { LaneEvent } from './lane-event';

interface Overrides {
  readonly id?: string;
  readonly text?: string;
  readonly receivedAt?: Date;
  readonly hasMore?: boolean;
  readonly message?: Partial<LaneEvent['message']>;
  readonly channel?: Partial<LaneEvent['channel']>;
  readonly thread?: Partial<LaneEvent['thread']>;
}

/** A question of one person in a thread that has talked a minute ago. */
export function aLaneEvent({ id, text, receivedAt, hasMore, ...parts }: Overrides = {}): LaneEvent {
  return {
    id: id ?? '00000000-0000-4000-8000-00000000000e',
    tenantId: '00000000-0000-4000-8000-0000000000aa',
    threadId: '00000000-0000-4000-8000-0000000000bb',
    receivedAt: receivedAt ?? new Date('2025-01-01T10:00:00Z'),
    hasMore: hasMore ?? false,
    replyWebhook: null,
    replyWebhookExpiresAt: null,
    message: { ...message, text: text ?? message.text, ...parts.message },
    channel: {
      id: '00000000-0000-4000-8000-0000000000cc',
      name: 'Carillon',
      clientId: 'ding1',
      robotCode: 'robot-of-channel',
      enabled: true,
      locale: 'en',
      scope: 'person',
      idleMinutes: 60,
      mapping: memberMapping.parse({}),
      busy: 'queue',
      access: accessRules.parse({}),
      service: serviceSettings.parse({}),
      welcome: welcomeSettings.parse({}),
      choices: choiceSettings.parse({}),
      defaultAgentId: null,
      defaultModelId: null,
      agentVersionId: null,
      hasOverrides: false,
      ...parts.channel,
    },
    thread: {
      memberId: '00000000-0000-4000-8000-0000000000dd',
      asker: null,
      lastSeq: 3,
      isAsked: false,
      session: {
        id: '00000000-0000-4000-8000-0000000000ee',
        number: 2,
        lastActivityAt: new Date('2025-01-01T09:59:00Z'),
      },
      ...parts.thread,
    },
  };
}

const message: LaneEvent['message'] = {
  messageId: 'msg-1',
  conversation: { id: 'cid-1', kind: 'direct', title: null },
  sender: {
    staffId: 'staff-1',
    unionId: null,
    opaqueId: null,
    name: 'Ada',
    corpId: 'dingcorp',
  },
  robotCode: 'robot-1',
  corpId: 'dingcorp',
  contentType: 'text',
  text: 'What time is it?',
  sentAtMs: null,
  quotaNotice: null,
};
