import { randomUUID } from 'node:crypto';
import { Router } from 'express';
import { flatEvent } from '../callbacks/event-payload';
import type { HttpPusher } from '../callbacks/http-pusher';
import type { CardActions } from '../stream/card-actions';
import { Delivery } from '../stream/delivery';
import type { DeliveryDesk } from '../stream/delivery-desk';
import type { InboundMessages } from '../stream/inbound-messages';
import type { World } from '../world/world';
import { ControlError, notFound, readBody } from './control-error';
import { cardActionBody, eventBody, fileBody, messageBody } from './control.schema';
import { describeConversation, describeEntry } from './views';

interface ChatParts {
  readonly world: World;
  readonly messages: InboundMessages;
  readonly desk: DeliveryDesk;
  readonly cardActions: CardActions;
  readonly pusher: HttpPusher;
}

/** What people do: write, click, read; and organisation events. */
export function chatRoutes(parts: ChatParts): Router {
  const { world } = parts;
  const router = Router();
  router.post('/messages', (req, res) => {
    res.status(201).json(postMessage(parts, req.body));
  });
  router.post('/events', (req, res) => {
    res.status(201).json(postEvent(parts, req.body));
  });
  router.post('/card-actions', async (req, res) => {
    const { outTrackId, clientId, ...body } = readBody(cardActionBody, req.body);
    const card = world.cards.find(outTrackId, clientId);
    if (!card) throw notFound(`card ${outTrackId}`);
    res.json(await parts.cardActions.click({ card, ...body }));
  });
  router.post('/files', (req, res) => {
    const { text, base64, downloadCode, ...body } = readBody(fileBody, req.body);
    const content = base64 === undefined ? Buffer.from(text ?? '') : Buffer.from(base64, 'base64');
    const file = world.files.put({ ...body, content, downloadCode: downloadCode ?? randomUUID() });
    res.status(201).json({ downloadCode: file.downloadCode, name: file.name });
  });
  router.get('/files/:downloadCode', (req, res) => {
    const file = world.files.find(req.params.downloadCode);
    if (!file) throw notFound('file');
    // Somebody's file must not run as a page of ours.
    const isImage = /^image\/(png|jpeg|gif|webp|bmp)$/.test(file.contentType);
    if (!isImage) res.attachment(file.name);
    res.set({ 'content-security-policy': 'sandbox', 'x-content-type-options': 'nosniff' });
    res.type(isImage ? file.contentType : 'application/octet-stream').send(file.content);
  });
  router.get('/conversations', (_req, res) => {
    res.json(world.conversations.list().map((one) => describeConversation(world, one)));
  });
  router.get('/conversations/:id/messages', (req, res) => {
    const conversation = world.conversations.find(req.params.id);
    if (!conversation) throw notFound('conversation');
    const entries = world.conversations.entries(conversation.id);
    const seen = entries.filter((entry) => !('recalled' in entry && entry.recalled));
    res.json(seen.map((entry) => describeEntry(world, entry)));
  });
  return router;
}

function postMessage({ world, messages }: ChatParts, raw: unknown) {
  const { from: userId, clientId, groupId, ...body } = readBody(messageBody, raw);
  const from = world.directory.person(userId);
  if (!from) throw notFound(`person ${userId}`);
  const app = clientId === undefined ? undefined : world.directory.app(clientId);
  if (clientId !== undefined && !app) throw notFound(`app ${clientId}`);
  const conversation =
    groupId === undefined
      ? app && world.conversations.direct(userId, app.clientId)
      : world.conversations.ofGroup(groupId);
  if (groupId !== undefined && !conversation) throw notFound(`group ${groupId}`);
  if (!conversation) throw new ControlError(400, 'bad_request', 'needs clientId, groupId or both');
  const isMember =
    !app || !groupId || world.directory.group(groupId)?.botIds.includes(app.clientId);
  if (!isMember) throw new ControlError(409, 'not_in_group', 'the bot is not in this group');
  const { text, content, msgId, ...rest } = body;
  return messages.post({ ...rest, from, app, conversation, text, content, msgId });
}

/** An EVENT frame (§2.2): kept and repeated until it is acked with SUCCESS. */
function postEvent({ world, desk, pusher }: ChatParts, raw: unknown) {
  const body = readBody(eventBody, raw);
  const app = world.directory.app(body.clientId);
  if (!app) throw notFound(`app ${body.clientId}`);
  const eventId = body.eventId ?? randomUUID().replaceAll('-', '');
  const corpId = body.corpId ?? world.directory.corp.corpId;
  const callbacks = world.httpCallbacks.get(app.clientId);
  const via = body.via ?? (callbacks?.eventsUrl ? 'http' : 'stream');
  const payload = { timeStamp: world.now(), ...body.data };
  if (via !== 'stream') {
    if (!callbacks?.eventsUrl) throw new ControlError(409, 'no_address', 'no address for events');
    const { eventType } = body;
    const flat = flatEvent(world, { eventType, eventId, corpId, data: payload });
    for (let copy = 0; copy < body.copies; copy += 1) pusher.event(app, callbacks, flat);
  }
  if (via === 'http') return { eventId };
  const headers = {
    eventId,
    eventType: body.eventType,
    eventCorpId: corpId,
    eventBornTime: String(world.now()),
    eventUnifiedAppId: `app-${body.clientId}`,
    topic: body.topic,
  };
  const data = JSON.stringify({ eventId, ...payload });
  for (let copy = 0; copy < body.copies; copy += 1) {
    desk.submit(new Delivery(body.clientId, 'event', 'EVENT', '*', data, eventId, headers));
  }
  return { eventId };
}
