import { accepts, type PlatformApp } from '../world/directory.types';
import type { World } from '../world/world';
import { ApiError, badRequest, LegacyError } from './api-error';
import { ok, text, type ApiRoute } from './api-route';

const free = { auth: 'none', billed: 'free' } as const;
const EXPIRE_IN = (world: World) => Math.floor(world.settings.tokenLifeMs / 1_000);

function appWith(
  world: World,
  clientId?: string | null,
  secret?: string | null,
): PlatformApp | undefined {
  const app = world.directory.app(clientId ?? '');
  return app && accepts(app, secret) ? app : undefined;
}

/** `POST /v1.0/oauth2/accessToken` (C1, C2). */
const accessToken: ApiRoute = {
  ...free,
  name: 'token',
  method: 'POST',
  path: '/v1.0/oauth2/accessToken',
  style: 'new',
  callerOf: ({ body }) => text(body, 'appKey'),
  handle({ world, body }) {
    const app = appWith(world, text(body, 'appKey'), text(body, 'appSecret'));
    if (!app) throw badRequest('invalidClientIdOrSecret', '无效的clientId或者clientSecret');
    const token = world.tokens.issue(app.clientId, world.settings.tokenLifeMs);
    return ok({ accessToken: token, expireIn: EXPIRE_IN(world) });
  },
};

/** Third-party app for a customer organisation. */
const corpAccessToken: ApiRoute = {
  ...free,
  name: 'corpToken',
  method: 'POST',
  path: '/v1.0/oauth2/corpAccessToken',
  style: 'new',
  callerOf: ({ body }) => text(body, 'suiteKey'),
  handle({ world, body }) {
    const app = appWith(world, text(body, 'suiteKey'), text(body, 'suiteSecret'));
    if (!app) throw badRequest('invalidClientIdOrSecret', '无效的suiteKey或者suiteSecret');
    if (text(body, 'authCorpId') !== world.directory.corp.corpId) {
      throw badRequest('invalidAuthCorpId', 'authCorpId is invalid');
    }
    const token = world.tokens.issue(app.clientId, world.settings.tokenLifeMs);
    return ok({ accessToken: token, expireIn: EXPIRE_IN(world) });
  },
};

/** Unified client credentials of one corp. */
const corpToken: ApiRoute = {
  ...free,
  name: 'clientCredentials',
  method: 'POST',
  path: '/v1.0/oauth2/:corpId/token',
  style: 'new',
  callerOf: ({ body }) => text(body, 'client_id'),
  handle({ world, body, params }) {
    if (text(body, 'grant_type') !== 'client_credentials')
      throw badRequest('unsupported.grant.type');
    const app = appWith(world, text(body, 'client_id'), text(body, 'client_secret'));
    if (!app) throw badRequest('invalid.client', 'client_id or client_secret is invalid');
    if (params['corpId'] !== world.directory.corp.corpId) {
      throw new ApiError(401, 'unauthorized.client', 'corp is not authorised');
    }
    const token = world.tokens.issue(app.clientId, world.settings.tokenLifeMs);
    return ok({ access_token: token, expires_in: EXPIRE_IN(world) });
  },
};

/** `GET /gettoken`: always HTTP 200 (C7, C9). Same pool as the new API. */
const legacyToken: ApiRoute = {
  ...free,
  name: 'gettoken',
  method: 'GET',
  path: '/gettoken',
  style: 'legacy',
  callerOf: ({ query }) => query.get('appkey') ?? undefined,
  handle({ world, query }) {
    const app = appWith(world, query.get('appkey'), query.get('appsecret'));
    if (!app) {
      throw new LegacyError(40089, '不合法的corpid或corpsecret，或者不合法的appkey或appsecret');
    }
    const token = world.tokens.issue(app.clientId, world.settings.tokenLifeMs);
    return ok({ errcode: 0, errmsg: 'ok', access_token: token, expires_in: EXPIRE_IN(world) });
  },
};

export const tokenRoutes: readonly ApiRoute[] = [
  accessToken,
  corpAccessToken,
  corpToken,
  legacyToken,
];
