import { accepts } from '../world/directory.types';
import { ApiError, badRequest, type ApiReply } from './api-error';
import { isRecord, ok, text, type ApiCall, type ApiRoute } from './api-route';

let turn = 0;

/** `POST /v1.0/gateway/connections/open`: credentials in, endpoint and ticket out (§2.1, C10). */
export const openRoute: ApiRoute = {
  name: 'open',
  method: 'POST',
  path: '/v1.0/gateway/connections/open',
  style: 'new',
  auth: 'none',
  billed: 'free',
  callerOf: ({ body }) => text(body, 'clientId'),
  handle(call) {
    const { world, body } = call;
    const app = world.directory.app(text(body, 'clientId') ?? '');
    if (!app || !accepts(app, body['clientSecret'])) {
      throw new ApiError(401, 'authFailed', '鉴权失败');
    }
    if (!app.published || !app.streamMode) {
      throw badRequest('app.streamModeNotEnabled', 'robot is not published or not in stream mode');
    }
    const request = {
      clientId: app.clientId,
      subscriptions: subscriptionsOf(body['subscriptions']),
      ua: text(body, 'ua') ?? '',
      localIp: text(body, 'localIp') ?? '',
    };
    const ticket = world.tickets.issue(request, world.settings.ticketLifeMs);
    return inWantedFormat(call, { endpoint: endpointOf(call), ticket });
  },
};

/** @throws ApiError when a type or topic is not one the platform knows */
function subscriptionsOf(value: unknown): { type: string; topic: string }[] {
  const wrong = (why: string) => badRequest('invalidParameter.subscriptions', why);
  if (!Array.isArray(value) || value.length === 0) throw wrong('subscriptions is empty');
  return value.map((one: unknown) => {
    if (!isRecord(one)) throw wrong('subscription is not an object');
    const { type, topic } = one;
    if (type !== 'EVENT' && type !== 'CALLBACK' && type !== 'SYSTEM') throw wrong('unknown type');
    if (typeof topic !== 'string' || topic === '') throw wrong('topic is empty');
    if (type === 'EVENT' && topic !== '*') throw wrong('EVENT knows the topic * only');
    if (type === 'CALLBACK' && !topic.startsWith('/')) throw wrong('CALLBACK topic is no path');
    return { type, topic };
  });
}

function endpointOf({ world, headers }: ApiCall): string {
  const base = new URL(world.baseUrl);
  const host = typeof headers.host === 'string' ? headers.host : base.host;
  const own = new URL(`${base.protocol}//${host}`);
  if (world.settings.alternateEndpointHosts) own.hostname = turn++ % 2 ? 'localhost' : '127.0.0.1';
  const scheme = base.protocol === 'https:' ? 'wss' : 'ws';
  return `${scheme}://${own.host}/connect`;
}

/** Without `Accept: application/json` the real platform answers XML. */
function inWantedFormat(
  { headers }: ApiCall,
  body: { endpoint: string; ticket: string },
): ApiReply {
  if (String(headers['accept'] ?? '').includes('application/json')) return ok(body);
  const { endpoint, ticket } = body;
  return {
    status: 200,
    headers: { 'content-type': 'application/xml; charset=utf-8' },
    body: `<?xml version="1.0" encoding="UTF-8"?><Response><endpoint>${endpoint}</endpoint><ticket>${ticket}</ticket></Response>`,
  };
}
