import { Router } from 'express';
import type { DeliveryDesk } from '../stream/delivery-desk';
import { patchSettings, settingsPatchSchema } from '../world/settings';
import type { World } from '../world/world';
import { faultSchema } from '../faults/fault.schema';
import { errorNames } from '../faults/named-errors';
import { ControlError, notFound, readBody } from './control-error';
import { describeCard } from './views';

/** What happened, and the switchboard of what shall go wrong. */
export function recordRoutes(world: World, desk: DeliveryDesk): Router {
  const router = Router();
  router.get('/cards', (req, res) => {
    const { open, clientId } = req.query;
    const openForMs = Number(req.query['openForMs'] ?? 0);
    const cards = world.cards
      .list()
      .filter((card) => typeof clientId !== 'string' || card.clientId === clientId)
      .filter(
        (card) => open !== 'true' || (card.isOpen && world.now() - card.openedAt >= openForMs),
      )
      .filter((card) => open !== 'false' || !card.isOpen);
    res.json(cards.map((card) => describeCard(world, card)));
  });
  router.get('/calls', (req, res) => {
    const { clientId, name } = req.query;
    const since = Number(req.query['since'] ?? 0);
    const calls = world.calls
      .list()
      .filter((call) => typeof clientId !== 'string' || call.clientId === clientId)
      .filter((call) => typeof name !== 'string' || call.name === name)
      .filter((call) => call.at >= since);
    res.json(calls);
  });
  router.get('/violations', (req, res) => {
    const { clientId } = req.query;
    const all = world.violations.list();
    res.json(typeof clientId === 'string' ? all.filter((one) => one.clientId === clientId) : all);
  });
  router.post('/reset', (_req, res) => {
    desk.clear();
    world.reset();
    res.status(204).end();
  });
  router.get('/settings', (_req, res) => {
    res.json(world.settings);
  });
  router.patch('/settings', (req, res) => {
    world.settings = patchSettings(world.settings, readBody(settingsPatchSchema, req.body));
    world.publish('settings', world.settings);
    res.json(world.settings);
  });
  router.delete('/settings', (_req, res) => {
    world.restoreSettings();
    world.publish('settings', world.settings);
    res.json(world.settings);
  });
  addFaultRoutes(router, world);
  return router;
}

function addFaultRoutes(router: Router, world: World): void {
  const put = (body: unknown, id?: string) => {
    const fault = readBody(faultSchema, body);
    const { error } = fault.act;
    if (error !== undefined && !errorNames().includes(error)) {
      throw new ControlError(
        400,
        'bad_request',
        `unknown error; known: ${errorNames().join(', ')}`,
      );
    }
    const kept = world.faults.put(id === undefined ? fault : { ...fault, id });
    world.publish('faults', world.faults.list());
    return kept;
  };
  router.get('/faults', (_req, res) => {
    res.json(world.faults.list());
  });
  router.put('/faults', (req, res) => {
    res.json(put(req.body));
  });
  router.put('/faults/:id', (req, res) => {
    res.json(put(req.body, req.params.id));
  });
  router.delete('/faults', (_req, res) => {
    world.faults.clear();
    world.publish('faults', []);
    res.status(204).end();
  });
  router.delete('/faults/:id', (req, res) => {
    if (!world.faults.remove(req.params.id)) throw notFound('fault');
    world.publish('faults', world.faults.list());
    res.status(204).end();
  });
}
