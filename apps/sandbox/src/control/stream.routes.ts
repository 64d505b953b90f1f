import { Router } from 'express';
import { announceDisconnect } from '../stream/announce-disconnect';
import type { Connection } from '../stream/connection';
import type { ConnectionPool } from '../stream/connection-pool';
import type { DeliveryDesk } from '../stream/delivery-desk';
import type { World } from '../world/world';
import { ControlError, notFound, readBody } from './control-error';
import { closeBody, disconnectBody, frameBody } from './control.schema';

const clientIdOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** The live connections: look at them, disturb them, push raw bytes. */
export function streamRoutes(world: World, pool: ConnectionPool, desk: DeliveryDesk): Router {
  const router = Router();
  const connectionOf = (id: string): Connection => {
    const connection = pool.get(id);
    if (!connection) throw notFound(`connection ${id}`);
    return connection;
  };
  router.get('/connections', (req, res) => {
    res.json(pool.of(clientIdOf(req.query['clientId'])).map((one) => one.describe()));
  });
  router.get('/deliveries', (req, res) => {
    res.json(desk.list(clientIdOf(req.query['clientId'])).map((one) => one.describe()));
  });
  router.post('/connections/:id/disconnect', (req, res) => {
    const { reason, bare } = readBody(disconnectBody, req.body);
    announceDisconnect(world, connectionOf(req.params.id), reason, bare);
    res.status(204).end();
  });
  router.post('/connections/:id/close', (req, res) => {
    connectionOf(req.params.id).close(readBody(closeBody, req.body).code);
    res.status(204).end();
  });
  router.post('/connections/:id/reset', (req, res) => {
    connectionOf(req.params.id).reset();
    res.status(204).end();
  });
  router.post('/connections/:id/freeze', (req, res) => {
    connectionOf(req.params.id).freeze();
    res.status(204).end();
  });
  router.post('/frames', (req, res) => {
    const { clientId, connectionId, raw, base64 } = readBody(frameBody, req.body);
    const live = pool.of(clientId).filter((one) => one.state === 'open');
    const target = connectionId
      ? connectionOf(connectionId)
      : live[Math.floor(Math.random() * live.length)];
    if (!target) throw new ControlError(409, 'not_connected', 'no live connection of this app');
    target.sendRaw(base64 === undefined ? (raw ?? '') : Buffer.from(base64, 'base64'));
    res.json({ connectionId: target.id });
  });
  return router;
}
