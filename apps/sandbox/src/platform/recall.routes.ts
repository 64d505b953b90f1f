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
    const sent = world.conversations.sent(key);
    const entry = sent?.entry;
    const isOwn = entry && 'recalled' in entry && entry.clientId === app.clientId;
    const isHere = !conversationId || sent?.conversation.id === conversationId;
    if (!sent || !isOwn || !isHere) {
      failedResult[key] = 'invalid.processQueryKey';
      continue;
    }
    entry.recalled = true;
    successResult.push(key);
    world.publish('entry', { conversationId: sent.conversation.id, entry });
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
    if (!sent) throw badRequest('invalid.processQueryKey');
    const person = world.directory.person(sent.conversation.userId ?? '');
    const isRecalled = 'recalled' in sent.entry && sent.entry.recalled;
    return ok({
      sendStatus: isRecalled ? 'RECALLED' : 'SUCCESS',
      messageReadInfoList: person
        ? [{ name: person.name, userId: person.userId, readStatus: 'READ' }]
        : [],
    });
  },
};

const groupQuery: ApiRoute = {
  ...robotApi,
  name: 'groupQuery',
  method: 'POST',
  path: '/v1.0/robot/groupMessages/query',
  handle(call) {
    const { world, body } = call;
    checkRobotCode(call);
    const conversationId = groupConversationOf(call);
    const sent = world.conversations.sent(text(body, 'processQueryKey') ?? '');
    if (sent?.conversation.id !== conversationId) throw badRequest('invalid.processQueryKey');
    const group = world.directory.groupByConversation(conversationId);
    const isRecalled = 'recalled' in sent.entry && sent.entry.recalled;
    return ok({
      sendStatus: isRecalled ? 'RECALLED' : 'SUCCESS',
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
