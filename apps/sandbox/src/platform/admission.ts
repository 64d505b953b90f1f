import type { PlatformApp } from '../world/directory.types';
import type { World } from '../world/world';
import { raiseNamed, scopeError } from '../faults/named-errors';
import { ApiError, LegacyError } from './api-error';
import { pathTemplate, type ApiRoute } from './api-route';

/**
 * Lets a call in: token, scope, calls per second, monthly allowance, in this order.
 * @throws ApiError or LegacyError with the platform's own words (§1.6, §7.1)
 */
export function admit(world: World, route: ApiRoute, app: PlatformApp | undefined): void {
  if (route.auth === 'token') {
    if (!app) throw invalidToken(route);
    if (route.scope && !app.scopes.includes(route.scope)) throw missingScope(route, route.scope);
  }
  if (route.limited && app) admitRate(world, route, app);
  admitQuota(world, route);
}

function invalidToken(route: ApiRoute): Error {
  if (route.style === 'legacy') return new LegacyError(40014, '不合法的access_token');
  return new ApiError(400, 'InvalidAuthentication', '不合法的access_token');
}

function missingScope(route: ApiRoute, scope: string): Error {
  if (route.style === 'new') return scopeError(scope);
  return new LegacyError(88, 'ding talk error[subcode=60011,submsg=没有调用该接口的权限]', {
    sub_code: '60011',
    sub_msg: '没有调用该接口的权限',
  });
}

function admitRate(world: World, route: ApiRoute, app: PlatformApp): void {
  const { settings } = world;
  const limit = route.limited === 'webhook' ? settings.webhookQps : (app.qps ?? settings.qps);
  const isShared = settings.qpsPer === 'app' && route.limited !== 'webhook';
  const key = isShared
    ? app.clientId
    : `${app.clientId} ${route.method} ${pathTemplate(route.path)}`;
  const isAdmitted = world.perSecond.admit(key, limit, Date.now(), world.stillness.earliest());
  if (!isAdmitted) raiseNamed('qps', route.style, '');
}

function admitQuota(world: World, route: ApiRoute): void {
  const { settings, used } = world;
  if (route.billed === 'api') {
    if (settings.apiCallsPerMonth > 0 && used.apiCalls >= settings.apiCallsPerMonth) {
      raiseNamed('quota', route.style, '');
    }
    used.apiCalls += 1;
  }
  if (route.billed === 'message') {
    if (settings.messagesPerMonth > 0 && used.messages >= settings.messagesPerMonth) {
      raiseNamed('webhookQuota', route.style, '');
    }
    used.messages += 1;
  }
}
