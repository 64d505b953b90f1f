import type { Entry } from '../world/conversation.types';
import { ApiError, badRequest } from './api-error';
import { isRecord, ok, text, type ApiCall, type ApiRoute } from './api-route';
import { checkRobotCode, groupConversationOf, robotApi } from './robot.routes';

const MAX_KEYS = 20;

function keysOf({ body }: ApiCall): string[] {
  const keys = body['processQueryKeys'];
  if (!Array.isArray(keys) || keys.length === 0) throw badRequest('miss.param.processQueryKeys');
  if (keys.length > MAX_KEYS) throw badRequest('invalidParameter.processQueryKeys.overMax');
  return keys.map(String);
}

/** Takes messages or cards back; a recalled message leaves no trace in the chat (§5.6). */
function recall(call: ApiCall, conversationId?: string) {
  const { world, app } = call;
  const successResult: string[] = [];
  const failedResult: Record<string, string> = {};
  for (const key of keysOf(call)) {
    const sent = world.conversations
      .sent(key)
      .filter(({ entry }) => 'recalled' in entry && entry.clientId === app.clientId)
      .filter(({ conversation }) => !conversationId || conversation.id === conversationId);
    if (sent.length > 0) successResult.push(key);
    else failedResult[key] = 'invalid.processQueryKey';
    for (const { conversation, entry } of sent) {
      if ('recalled' in entry) entry.recalled = true;
      world.publish('entry', { conversationId: conversation.id, entry });
    }
  }
  return ok({ successResult, failedResult });
}

/** Note the lower-case `oto`, unlike batchSend. */
const directRecall: ApiRoute = {
  ...robotApi,
  name: 'recall',
  method: 'POST',
  path: '/v1.0/robot/otoMessages/batchRecall',
  handle(call) {
    checkRobotCode(call);
    return recall(call);
  },
};

const groupRecall: ApiRoute = {
  ...robotApi,
  name: 'groupRecall',
  method: 'POST',
  path: '/v1.0/robot/groupMessages/recall',
  handle(call) {
    checkRobotCode(call);
    return recall(call, groupConversationOf(call));
  },
};

/** Everybody in the sandbox reads everything at once. */
const readStatus: ApiRoute = {
  ...robotApi,
  name: 'readStatus',
  method: 'GET',
  path: '/v1.0/robot/oToMessages/readStatus',
  handle(call) {
    const { world, query } = call;
    checkRobotCode(call, query.get('robotCode') ?? undefined);
    const sent = world.conversations.sent(query.get('processQueryKey') ?? '');
    if (sent.length === 0) throw badRequest('invalid.processQueryKey');
    const people = sent.flatMap(
      ({ conversation }) => world.directory.person(conversation.userId ?? '') ?? [],
    );
    return ok({
      sendStatus: statusOf(sent.map(({ entry }) => entry)),
      messageReadInfoList: people.map(({ name, userId }) => ({ name, userId, readStatus: 'READ' })),
    });
  },
};

const statusOf = (entries: readonly Entry[]): string =>
  entries.some((entry) => 'recalled' in entry && entry.recalled) ? 'RECALLED' : 'SUCCESS';

const groupQuery: ApiRoute = {
  ...robotApi,
  name: 'groupQuery',
  method: 'POST',
  path: '/v1.0/robot/groupMessages/query',
  handle(call) {
    const { world, body } = call;
    checkRobotCode(call);
    const conversationId = groupConversationOf(call);
    const sent = world.conversations
      .sent(text(body, 'processQueryKey') ?? '')
      .filter(({ conversation }) => conversation.id === conversationId);
    if (sent.length === 0) throw badRequest('invalid.processQueryKey');
    const group = world.directory.groupByConversation(conversationId);
    return ok({
      sendStatus: statusOf(sent.map(({ entry }) => entry)),
      readUserIds: group?.memberIds ?? [],
      hasMore: false,
    });
  },
};

/** The undocumented reactions (§5.7, C70). */
function reaction(name: string, path: string, isAttached: boolean): ApiRoute {
  return {
    ...robotApi,
    name,
    method: 'POST',
    path,
    handle(call) {
      const { world, body } = call;
      checkRobotCode(call);
      const conversationId = text(body, 'openConversationId') ?? '';
      const message = world.conversations.userMessage(
        conversationId,
        text(body, 'openMsgId') ?? '',
      );
      // A message that is not visible yet gives this too.
      if (!message) throw new ApiError(500, 'system.err', 'message not found');
      const detail = body['textEmotion'];
      const emotion =
        text(body, 'emotionName') ?? (isRecord(detail) ? text(detail, 'text') : undefined) ?? '?';
      const at = message.reactions.indexOf(emotion);
      if (isAttached && at < 0) message.reactions.push(emotion);
      if (!isAttached && at >= 0) message.reactions.splice(at, 1);
      world.publish('entry', { conversationId, entry: message });
      return ok({ success: true });
    },
  };
}

export const recallRoutes: readonly ApiRoute[] = [
  directRecall,
  groupRecall,
  readStatus,
  groupQuery,
  reaction('reaction', '/v1.0/robot/emotion/reply', true),
  reaction('reactionRecall', '/v1.0/robot/emotion/recall', false),
];
