import type { INestApplication } from '@nestjs/common';

import { CallbackDoor } from './callback-door.service';

/** Before Nest's own body parsers: this door reads bodies by itself, and only of those it lets in. */
export function serveCallbacks(app: INestApplication): void {
  const door = app.get(CallbackDoor);
  app.use('/callbacks/dingtalk', door.serve.bind(door));
}
