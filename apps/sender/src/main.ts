import { runService } from '@common/bootstrap';

import { SenderConfig } from './sender.config';
import { SenderModule } from './sender.module';

runService({
  name: 'sender',
  config: SenderConfig,
  module: SenderModule,
  port: (config) => config.SENDER_PORT,
});
