import { join } from 'node:path';

import type { INestApplication } from '@nestjs/common';
import { static as files } from 'express';

const PAGE = join(__dirname, '..', 'public');

/** The page at `/` on which an administrator connects a bot: plain files, nothing of it is secret. */
export function serveSetupPage(app: INestApplication): void {
  app.use(files(PAGE, { redirect: false }));
}
