import { runService } from '@common/bootstrap';

import { GeneratorConfig } from './generator.config';
import { GeneratorModule } from './generator.module';

runService({
  name: 'generator',
  config: GeneratorConfig,
  module: GeneratorModule,
  port: (config) => config.GENERATOR_PORT,
});
