import { setTimeout as delay } from 'node:timers/promises';
import type { Request, Response } from 'express';
import { htmlPage, raiseNamed } from '../faults/named-errors';
import type { Fault, FaultAct } from '../faults/fault.schema';
import type { PlatformApp } from '../world/directory.types';
import type { World } from '../world/world';
import { admit } from './admission';
import { replyOf, type ApiReply } from './api-error';
import { isRecord, pathTemplate, text, type ApiCall, type ApiRoute } from './api-route';

/** `cut`: the connection was reset; `silence`: nobody will answer. */
type Outcome = ApiReply | 'cut' | 'silence';

/**
 * One API call from arrival to answer: who calls → fault → admission → route → record.
 * The record is written when the answer goes out, so that tests read calls in the order of their answers.
 */
export function serveRoute(world: World, route: ApiRoute) {
  return async (req: Request, res: Response): Promise<void> => {
    const startedAt = Date.now();
    const call = readCall(world, route, req);
    const fault = world.faults.take({
      names: [route.name, `${route.method} ${pathTemplate(route.path)}`],
      clientId: call.clientId,
      body: call.body,
    });
    const outcome = await decide(route, call, fault?.act ?? {});
    record(world, route, call, outcome, startedAt, fault);
    send(res, outcome, world.settings.errcodeAsString);
  };
}

type ReadCall = Omit<ApiCall, 'app' | 'deliverFalse' | 'createdButNotDelivered'> & {
  readonly clientId: string | undefined;
  readonly caller: PlatformApp | undefined;
};

function readCall(world: World, route: ApiRoute, req: Request): ReadCall {
  const raw = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
  const query = new URLSearchParams(req.originalUrl.split('?')[1] ?? '');
  const body = parseBody(raw, req.headers['content-type']);
  const clientId =
    route.auth === 'token'
      ? world.tokens.ownerOf(tokenOf(req, query))
      : route.callerOf?.({ world, body, query });
  const caller = clientId === undefined ? undefined : world.directory.app(clientId);
  const params = req.params as Record<string, string>;
  return { world, body, raw, query, params, headers: req.headers, clientId, caller };
}

function tokenOf(req: Request, query: URLSearchParams): string {
  const header = req.headers['x-acs-dingtalk-access-token'];
  return (typeof header === 'string' ? header : undefined) ?? query.get('access_token') ?? '';
}

function parseBody(raw: Buffer, contentType: string | undefined): Record<string, unknown> {
  if (raw.length === 0 || contentType?.startsWith('multipart/')) return {};
  try {
    const parsed: unknown = JSON.parse(raw.toString('utf8'));
    return isRecord(parsed) ? parsed : {};
  } catch {
    return {}; // The route then misses its required fields, as on the platform.
  }
}

async function decide(route: ApiRoute, call: ReadCall, act: FaultAct): Promise<Outcome> {
  if (act.delayMs) await delay(act.delayMs);
  if (act.hang) return 'silence';
  if (act.reset && !act.createdButNotDelivered) return 'cut';
  const substitute = substituteOf(route, act);
  if (substitute && !act.process) return disfigure(substitute, act);
  const real = await process(route, call, act);
  if (act.delayAnswerMs) await delay(act.delayAnswerMs);
  if (act.resetAfterProcessing || act.reset) return 'cut';
  return disfigure(substitute ?? real, act);
}

/** What a fault answers in place of the route; undefined when it lets the route answer. */
function substituteOf(route: ApiRoute, act: FaultAct): ApiReply | undefined {
  if (act.error) {
    try {
      return raiseNamed(act.error, route.style, route.scope ?? 'qyapi_robot_sendmsg');
    } catch (error) {
      return replyOf(error);
    }
  }
  const status = act.status ?? 200;
  if (act.html) return { ...htmlPage('502 Bad Gateway'), status: act.status ?? 400 };
  if (act.empty) return { status };
  if (act.status === undefined && act.body === undefined) return undefined;
  return { status, body: act.body, ...(act.headers && { headers: act.headers }) };
}

async function process(route: ApiRoute, call: ReadCall, act: FaultAct): Promise<ApiReply> {
  try {
    const app = call.caller;
    admit(call.world, route, app);
    const quirks = {
      deliverFalse: act.deliverFalse === true,
      createdButNotDelivered: act.createdButNotDelivered === true,
    };
    return await route.handle({
      ...call,
      ...quirks,
      get app() {
        if (!app) throw new Error(`${route.name} has no caller`);
        return app;
      },
    });
  } catch (error) {
    return replyOf(error);
  }
}

const OTHER_CASE: Readonly<Record<string, string>> = {
  code: 'Code',
  message: 'Message',
  requestid: 'requestId',
  accessdenieddetail: 'AccessDeniedDetail',
};

function disfigure(reply: ApiReply, act: FaultAct): ApiReply {
  let { body } = reply;
  if (act.otherCase && isRecord(body)) {
    body = Object.fromEntries(
      Object.entries(body).map(([key, value]) => [OTHER_CASE[key] ?? key, value]),
    );
  }
  if (!act.truncated) return { ...reply, body };
  const whole = typeof body === 'string' ? body : JSON.stringify(body ?? {});
  return {
    ...reply,
    headers: { 'content-type': 'application/json', ...reply.headers },
    body: whole.slice(0, Math.max(1, Math.floor(whole.length / 2))),
  };
}

function record(
  world: World,
  route: ApiRoute,
  call: ReadCall,
  outcome: Outcome,
  startedAt: number,
  fault: Fault | undefined,
): void {
  const outTrackId = text(call.body, 'outTrackId');
  const entry = {
    at: startedAt,
    durationMs: Date.now() - startedAt,
    method: route.method,
    path: pathTemplate(route.path),
    name: route.name,
    clientId: call.clientId ?? null,
    status: typeof outcome === 'string' ? 0 : outcome.status,
    code: typeof outcome === 'string' ? outcome : codeOf(outcome.body),
    ...(outTrackId !== undefined && { outTrackId }),
    ...(call.body['isFinalize'] === true && { isFinalize: true }),
    ...(fault && { faultId: fault.id }),
  };
  world.publish('call', world.calls.add(entry));
}

function codeOf(body: unknown): string | null {
  if (!isRecord(body)) return null;
  const code = body['code'] ?? body['Code'] ?? body['errcode'];
  return code === undefined ? null : String(code);
}

function send(res: Response, outcome: Outcome, errcodeAsString: boolean): void {
  if (outcome === 'silence') return;
  if (outcome === 'cut') {
    res.socket?.resetAndDestroy();
    return;
  }
  res.status(outcome.status).set(outcome.headers ?? {});
  const { body } = outcome;
  if (body === undefined) res.end();
  else if (typeof body === 'string') res.send(body);
  else if (errcodeAsString && isRecord(body) && 'errcode' in body) {
    res.json({ ...body, errcode: String(body['errcode']) });
  } else res.json(body);
}
