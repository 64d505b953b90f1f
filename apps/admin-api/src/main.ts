import { runService } from '@common/bootstrap';
import { Logger } from '@common/logging';

import { AdminApiConfig } from './admin-api.config';
import { AdminApiModule } from './admin-api.module';
import { migrateAtBoot } from './migrate-at-boot';
import { prepareHttp } from './prepare-http';

runService({
  name: 'admin-api',
  config: AdminApiConfig,
  module: AdminApiModule,
  port: (config) => config.ADMIN_API_PORT,
  prepare: prepareHttp,
  beforeSchema: (app, config, signal) => migrateAtBoot(config, app.get(Logger), signal),
});
