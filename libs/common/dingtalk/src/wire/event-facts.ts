import type { PlatformEventFacts, PlatformEventKind } from '@common/domain';

import { asList, asObject, type Fields, looseId, looseName } from './tolerant';

/** Most people or departments of one event that are kept. */
const MAX_IDS = 1_000;

/** Enterprise reference §A.15 and §D.6. Installing the cool app is what puts its robot into a chat. */
const KINDS: Readonly<Record<string, PlatformEventKind>> = {
  im_cool_app_install: 'bot_added',
  im_cool_app_uninstall: 'bot_removed',
  single_conversation_cool_app_install: 'bot_added',
  single_conversation_cool_app_uninstall: 'bot_removed',
  robot_msg_recall: 'message_recalled',
  robot_msg_read: 'message_read',
  chat_update_title: 'group_renamed',
  chat_disband: 'group_disbanded',
  chat_update_owner: 'group_owner_changed',
  chat_add_member: 'group_members_added',
  chat_remove_member: 'group_members_removed',
  chat_quit: 'group_member_left',
  chat_template_change: 'group_template_changed',
  user_add_org: 'people_joined',
  user_modify_org: 'people_changed',
  user_leave_org: 'people_left',
  user_active_org: 'people_activated',
  org_dept_create: 'departments_changed',
  org_dept_modify: 'departments_changed',
  org_dept_remove: 'departments_changed',
  org_change: 'organization_changed',
  org_admin_add: 'admins_changed',
  org_admin_remove: 'admins_changed',
  label_user_change: 'roles_changed',
  label_conf_add: 'roles_changed',
  label_conf_del: 'roles_changed',
  label_conf_modify: 'roles_changed',
};

/** Reads what an event names out of its payload. Everything is optional; lists arrive as single values too (E50). */
export function readEventFacts(eventType: string, payload: Fields): PlatformEventFacts {
  const id = (...keys: string[]): string | null => {
    for (const key of keys) {
      const value = looseId.parse(payload[key]);
      if (value !== null) return value;
    }
    return null;
  };
  const operator = id('operator', 'optStaffId');
  return {
    kind: Object.hasOwn(KINDS, eventType) ? (KINDS[eventType] ?? 'other') : 'other',
    conversationId: id('openConversationId'),
    chatId: id('chatId'),
    robotCode: id('robotCode'),
    coolAppCode: id('coolAppCode'),
    title: looseName.parse(payload['title']),
    ownerStaffId: id('owner'),
    operator: { staffId: operator, unionId: id('operatorUnionId') },
    // Whoever leaves a group by themselves is its operator.
    staffIds: idsIn(
      payload['userId'] ?? payload['userIdList'] ?? (eventType === 'chat_quit' ? operator : null),
    ),
    unionIds: idsIn(payload['unionId'] ?? payload['unionid']),
    departmentIds: idsIn(payload['deptId']),
    processQueryKey: id('processQueryKey'),
  };
}

function idsIn(value: unknown): string[] {
  const list = asList(value);
  const items = list.length > 0 || Array.isArray(value) || asObject(value) ? list : [value];
  return items.slice(0, MAX_IDS).flatMap((item) => looseId.parse(item) ?? []);
}
