import { createHmac } from 'node:crypto';
import type { CustomRobot } from '../world/directory.types';
import type { World } from '../world/world';
import { postBotMessage } from './bot-messages';
import { LegacyError } from './api-error';
import { ok, text, type ApiCall, type ApiRoute } from './api-route';
import { mentionsOf, viewOfWebhook } from './message-view';

const MAX_BYTES = 20_000;
const HOUR_MS = 3_600_000;
const DONE = { errcode: 0, errmsg: 'ok' };

function checkSize(raw: Buffer): void {
  if (raw.length > MAX_BYTES) throw new LegacyError(460101, 'message too long, exceed 20000 bytes');
}

/** The reply webhook of one inbound message (§5.2, C60, C62). */
const sessionWebhook: ApiRoute = {
  name: 'webhook',
  method: 'POST',
  path: '/robot/sendBySession',
  style: 'legacy',
  auth: 'none',
  billed: 'message',
  limited: 'webhook',
  callerOf: ({ world, query }) => world.webhookSessions.find(query.get('session') ?? '')?.clientId,
  handle({ world, body, raw, query }) {
    const session = world.webhookSessions.find(query.get('session') ?? '');
    if (!session?.isLive) throw new LegacyError(300001, 'session 不存在');
    checkSize(raw);
    const view = viewOfWebhook(body);
    if (!view) throw new LegacyError(40035, '不合法的参数');
    if (view.msgtype === 'empty') return ok(DONE);
    postBotMessage(world, {
      conversationId: session.conversationId,
      clientId: session.clientId,
      way: 'webhook',
      view,
      mentions: mentionsOf(world.directory, body['at'], view.text),
    });
    return ok(DONE);
  },
};

/** A custom group robot (§5.9, C69). */
const customRobot: ApiRoute = {
  name: 'customRobot',
  method: 'POST',
  path: '/robot/send',
  style: 'legacy',
  auth: 'none',
  billed: 'message',
  handle(call) {
    const { world, body, raw, query } = call;
    const robot = world.directory.customRobot(query.get('access_token') ?? '');
    if (!robot) throw new LegacyError(300001, 'token is not exist');
    if (!String(call.headers['content-type'] ?? '').includes('json')) {
      throw new LegacyError(43004, '无效的HTTP HEADER Content-Type');
    }
    checkSize(raw);
    const view = viewOfWebhook(body);
    if (!view) throw new LegacyError(400105, 'unsupported msgtype');
    checkSecurity(robot, call, `${view.title} ${view.text}`);
    if (isRepeated(world, robot, text(body, 'msgUuid'))) return ok(DONE);
    if (!world.perMinute.admit(`custom ${robot.token}`, 20)) {
      throw new LegacyError(130101, 'send too fast, exceed 20 times per minute');
    }
    const conversation = world.conversations.ofGroup(robot.groupId);
    if (!conversation) throw new LegacyError(400013, 'group is disbanded');
    postBotMessage(world, {
      conversationId: conversation.id,
      clientId: null,
      name: robot.name,
      way: 'custom',
      view,
      mentions: mentionsOf(world.directory, body['at'], view.text),
    });
    return ok(DONE);
  },
};

/** True for a msgUuid that was already accepted: a retry shows nothing new. */
function isRepeated(world: World, robot: CustomRobot, msgUuid: string | undefined): boolean {
  if (msgUuid === undefined) return false;
  const key = `${robot.token} ${msgUuid}`;
  if (world.customMessageIds.get(key)) return true;
  world.customMessageIds.set(key, true);
  return false;
}

/** @throws LegacyError 310000 with the reason the platform gives */
function checkSecurity(robot: CustomRobot, { query, world }: ApiCall, message: string): void {
  if (robot.keywords.length > 0 && !robot.keywords.some((word) => message.includes(word))) {
    throw new LegacyError(310000, 'keywords not in content');
  }
  if (!robot.secret) return;
  const timestamp = query.get('timestamp') ?? '';
  if (!/^\d+$/.test(timestamp) || Math.abs(world.now() - Number(timestamp)) > HOUR_MS) {
    throw new LegacyError(310000, 'invalid timestamp');
  }
  const wanted = createHmac('sha256', robot.secret)
    .update(`${timestamp}\n${robot.secret}`)
    .digest('base64');
  if (query.get('sign') !== wanted) throw new LegacyError(310000, 'sign not match');
}

export const webhookRoutes: readonly ApiRoute[] = [sessionWebhook, customRobot];
