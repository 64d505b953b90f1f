import { runService } from '@common/bootstrap';

import { DispatcherConfig } from './dispatcher.config';
import { DispatcherModule } from './dispatcher.module';

runService({
  name: 'dispatcher',
  config: DispatcherConfig,
  module: DispatcherModule,
  port: (config) => config.DISPATCHER_PORT,
});
