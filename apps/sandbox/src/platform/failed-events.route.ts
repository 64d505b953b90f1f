import { ok, type ApiRoute } from './api-route';

const MOST = 200;

/** `GET /call_back/get_call_back_failed_result`: events that nobody took over HTTP; reading takes them away (E97). */
export const failedEventsRoute: ApiRoute = {
  name: 'failedEvents',
  method: 'GET',
  path: '/call_back/get_call_back_failed_result',
  style: 'legacy',
  auth: 'token',
  billed: 'free',
  handle({ world, app }) {
    const all = world.failedEvents.list();
    const own = all.filter(({ clientId }) => clientId === app.clientId);
    const told = own.slice(0, MOST);
    world.failedEvents.clear();
    for (const one of all) if (!told.includes(one)) world.failedEvents.add(one);
    return ok({
      errcode: 0,
      errmsg: 'ok',
      has_more: own.length > told.length,
      failed_list: told.map(({ eventType, payload, at }) => ({
        [eventType]: payload,
        call_back_tag: eventType,
        event_time: at,
      })),
    });
  },
};
