import type { ApiRoute } from './api-route';
import { cardRoutes } from './card.routes';
import { failedEventsRoute } from './failed-events.route';
import { mediaRoutes } from './media.routes';
import { openRoute } from './open.route';
import { recallRoutes } from './recall.routes';
import { robotRoutes } from './robot.routes';
import { streamingRoute } from './streaming.route';
import { tokenRoutes } from './token.routes';
import { webhookRoutes } from './webhook.routes';

/** Every API of the platform that the sandbox has. */
export const platformRoutes: readonly ApiRoute[] = [
  ...tokenRoutes,
  openRoute,
  ...webhookRoutes,
  ...robotRoutes,
  ...recallRoutes,
  ...mediaRoutes,
  ...cardRoutes,
  streamingRoute,
  failedEventsRoute,
];
