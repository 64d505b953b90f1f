import { newProcessQueryKey } from '../world/ids';
import { badRequest } from './api-error';
import { isRecord, ok, text, type ApiCall, type ApiRoute } from './api-route';
import { postBotMessage } from './bot-messages';
import { isMsgKey, viewOfTemplate, type MessageView } from './message-view';

const MAX_PARAM_BYTES = 15_000;
const MAX_USERS = 20;
export const robotApi = {
  style: 'new',
  auth: 'token',
  scope: 'qyapi_robot_sendmsg',
  billed: 'api',
  limited: 'app',
} as const;

/** @throws ApiError when the robot code is missing, unknown, or another app's (`notExsit` is the real spelling) */
export function checkRobotCode(
  { world, app, body }: ApiCall,
  given = text(body, 'robotCode'),
): void {
  if (!given) throw badRequest('invalidParameter.robotCode.empty', 'robotCode is empty');
  if (given === app.robotCode) return;
  if (world.directory.appByRobotCode(given)) {
    throw badRequest('invalidParameter.robotCode.auth', 'robotCode belongs to another app');
  }
  throw badRequest('invalidParameter.robotCode.notExsit', 'robot does not exist');
}

/** Checks `msgKey` and the JSON string `msgParam` (§5.5). */
function messageOf({ body }: ApiCall): MessageView {
  const msgKey = text(body, 'msgKey');
  if (!msgKey) throw badRequest('invalidParameter.msgKey.empty', 'msgKey is empty');
  if (!isMsgKey(msgKey)) throw badRequest('invalidParameter.msgKey.invalid', 'msgKey is invalid');
  const msgParam = body['msgParam'];
  if (typeof msgParam !== 'string') {
    throw badRequest('invalidParameter.msgParam.invalid', 'msgParam is not a JSON string');
  }
  if (Buffer.byteLength(msgParam) > MAX_PARAM_BYTES) {
    throw badRequest('invalidParameter.msgParam.tooLong', 'msgParam is too long');
  }
  const view = viewOfTemplate(msgKey, parseParams(msgParam));
  if (!view) throw badRequest('invalidParameter.msgParam.invalid', 'msgParam lacks a required key');
  return view;
}

function parseParams(msgParam: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(msgParam);
    if (isRecord(parsed)) return parsed;
  } catch {
    // Falls through to the platform's one answer for both faults.
  }
  throw badRequest('invalidParameter.msgParam.invalid', 'msgParam is not a JSON object');
}

function userIdsOf({ body }: ApiCall): string[] {
  const userIds = body['userIds'];
  if (!Array.isArray(userIds) || userIds.length === 0) {
    throw badRequest('invalidParameter.userIds.empty', 'userIds is empty');
  }
  if (userIds.length > MAX_USERS) {
    throw badRequest('invalidParameter.userIds.overMax', 'userIds is over max');
  }
  return userIds.map(String);
}

/** 1:1 messages (§5.3, C63): unknown and throttled people are named in a 200. */
const batchSend: ApiRoute = {
  ...robotApi,
  name: 'batchSend',
  method: 'POST',
  path: '/v1.0/robot/oToMessages/batchSend',
  handle(call) {
    const { world, app } = call;
    checkRobotCode(call);
    const userIds = userIdsOf(call);
    const view = messageOf(call);
    const isKnown = (id: string) => world.directory.person(id)?.external === false;
    const isThrottled = (id: string) => world.settings.flowControlledUserIds.includes(id);
    const processQueryKey = newProcessQueryKey();
    for (const userId of userIds.filter((id) => isKnown(id) && !isThrottled(id))) {
      const { id } = world.conversations.direct(userId, app.clientId);
      const clientId = app.clientId;
      postBotMessage(world, {
        conversationId: id,
        clientId,
        way: 'robot',
        view,
        mentions: [],
        processQueryKey,
      });
    }
    return ok({
      processQueryKey,
      invalidStaffIdList: userIds.filter((id) => !isKnown(id)),
      flowControlledStaffIdList: userIds.filter((id) => isKnown(id) && isThrottled(id)),
    });
  },
};

/** @throws ApiError when the id is missing, unknown, a 1:1 chat, or a group without this bot */
export function groupConversationOf({ world, app, body }: ApiCall): string {
  const id = text(body, 'openConversationId');
  if (!id) throw badRequest('miss.openConversationId', 'openConversationId is missing');
  const conversation = world.conversations.find(id);
  if (!conversation)
    throw badRequest('openConversationId.notExisted', 'conversation does not exist');
  if (!conversation.groupId)
    throw badRequest('invalid.openConversationId', 'not a group conversation');
  if (!world.directory.group(conversation.groupId)?.botIds.includes(app.clientId)) {
    throw badRequest('invalidParameter.robotCode.notExsit', 'robot is not in the group');
  }
  return id;
}

/** Group messages (§5.4): no mentions in this API. */
const groupSend: ApiRoute = {
  ...robotApi,
  name: 'groupSend',
  method: 'POST',
  path: '/v1.0/robot/groupMessages/send',
  handle(call) {
    const { world, app } = call;
    checkRobotCode(call);
    const conversationId = groupConversationOf(call);
    const view = messageOf(call);
    const processQueryKey = newProcessQueryKey();
    const clientId = app.clientId;
    postBotMessage(world, {
      conversationId,
      clientId,
      way: 'robot',
      view,
      mentions: [],
      processQueryKey,
    });
    return ok({ processQueryKey });
  },
};

export const robotRoutes: readonly ApiRoute[] = [batchSend, groupSend];
