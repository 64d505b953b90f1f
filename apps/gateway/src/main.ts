import { runService } from '@common/bootstrap';

import { serveCallbacks } from './callbacks/serve-callbacks';
import { GatewayConfig } from './gateway.config';
import { GatewayModule } from './gateway.module';

runService({
  name: 'gateway',
  config: GatewayConfig,
  module: GatewayModule,
  port: (config) => config.GATEWAY_PORT,
  prepare: serveCallbacks,
});
