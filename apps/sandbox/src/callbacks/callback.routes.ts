import { Router } from 'express';
import { ControlError, notFound, readBody } from '../control/control-error';
import { callbacksBody, rotateBody } from '../control/control.schema';
import type { ConnectionPool } from '../stream/connection-pool';
import type { PlatformApp } from '../world/directory.types';
import type { World } from '../world/world';
import type { HttpPusher } from './http-pusher';

/** HTTP mode of an app, its token, and the change of its secret. */
export function callbackRoutes(world: World, pool: ConnectionPool, pusher: HttpPusher): Router {
  const { directory } = world;
  const router = Router();
  const appOf = (clientId: string): PlatformApp => {
    const app = directory.app(clientId);
    if (!app) throw notFound(`app ${clientId}`);
    return app;
  };
  // Saving an address for events posts a check event first; a wrong answer refuses it (§D.1, E96).
  router.put('/apps/:clientId/callbacks', async (req, res) => {
    const app = appOf(req.params.clientId);
    const callbacks = readBody(callbacksBody, req.body);
    if (callbacks.eventsUrl !== undefined) {
      const isChecked = await pusher.eventOnce(app, callbacks, { EventType: 'check_url' });
      if (!isChecked)
        throw new ControlError(409, '71009', 'the answer to check_url does not say success');
    }
    world.httpCallbacks.set(app.clientId, callbacks);
    res.json({ checked: callbacks.eventsUrl !== undefined });
  });
  router.delete('/apps/:clientId/callbacks', (req, res) => {
    world.httpCallbacks.delete(req.params.clientId);
    res.status(204).end();
  });
  router.get('/http-pushes', (req, res) => {
    const { clientId } = req.query;
    const all = world.httpPushes.list();
    res.json(typeof clientId === 'string' ? all.filter((one) => one.clientId === clientId) : all);
  });
  router.post('/apps/:clientId/revoke-token', (req, res) => {
    world.tokens.revoke(req.params.clientId);
    res.status(204).end();
  });
  router.post('/apps/:clientId/rotate-secret', (req, res) => {
    const app = appOf(req.params.clientId);
    const body = readBody(rotateBody, req.body);
    const oldSecrets =
      body.oldValidMs > 0
        ? [...app.oldSecrets, { secret: app.clientSecret, untilMs: Date.now() + body.oldValidMs }]
        : [];
    directory.putApp({ ...app, clientSecret: body.clientSecret, oldSecrets });
    if (body.revokeToken) world.tokens.revoke(app.clientId);
    if (body.dropConnections)
      for (const connection of pool.of(app.clientId)) connection.close(1001);
    world.publish('state', {});
    res.status(204).end();
  });
  return router;
}
