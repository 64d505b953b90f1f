import { Router } from 'express';
import { listTemplates } from '../world/templates';
import { without } from '../world/without';
import type { World } from '../world/world';
import type { ConnectionPool } from '../stream/connection-pool';
import { notFound, readBody } from './control-error';
import { appBody, customRobotBody, groupBody, personBody } from './control.schema';

/** Who and what exists. Secrets go in, never out. */
export function directoryRoutes(world: World, pool: ConnectionPool): Router {
  const { directory } = world;
  const router = Router();
  const describeApp = (clientId: string) => {
    const app = directory.app(clientId);
    if (!app) throw notFound(`app ${clientId}`);
    return { ...without(app, 'clientSecret', 'oldSecrets'), connections: pool.of(clientId).length };
  };

  router.get('/state', (_req, res) => {
    res.json({
      corp: directory.corp,
      people: directory.listPeople(),
      groups: directory.listGroups(),
      apps: directory.listApps().map(({ clientId }) => describeApp(clientId)),
      templates: listTemplates(),
      used: world.used,
      connectionsOpened: pool.openedInTotal,
      url: world.baseUrl,
    });
  });
  router.put('/apps/:clientId', (req, res) => {
    const { clientId } = req.params;
    const { groups, ...body } = readBody(appBody, req.body);
    const name = body.name ?? clientId;
    directory.putApp({
      ...body,
      clientId,
      name,
      oldSecrets: [],
      robotCode: body.robotCode ?? clientId,
    });
    for (const group of directory.listGroups()) {
      const joins = groups === undefined || groups.includes(group.groupId);
      if (joins && !group.botIds.includes(clientId)) group.botIds.push(clientId);
    }
    world.publish('state', {});
    res.json(describeApp(clientId));
  });
  router.delete('/apps/:clientId', (req, res) => {
    if (!directory.removeApp(req.params.clientId)) throw notFound('app');
    for (const connection of pool.of(req.params.clientId)) connection.close(1000);
    world.publish('state', {});
    res.status(204).end();
  });
  addPeopleRoutes(router, world);
  return router;
}

function addPeopleRoutes(router: Router, world: World): void {
  const { directory } = world;
  router.post('/people', (req, res) => {
    const body = readBody(personBody, req.body);
    const person = directory.putPerson({
      ...body,
      unionId: body.unionId ?? `union-${body.userId}`,
    });
    world.publish('state', {});
    res.status(201).json(person);
  });
  router.post('/groups', (req, res) => {
    const body = readBody(groupBody, req.body);
    const botIds = body.botIds ?? directory.listApps().map(({ clientId }) => clientId);
    const group = directory.putGroup({ ...body, botIds });
    world.publish('state', {});
    res.status(201).json(group);
  });
  router.post('/custom-robots', (req, res) => {
    const robot = directory.putCustomRobot(readBody(customRobotBody, req.body));
    res.status(201).json(without(robot, 'secret'));
  });
}
