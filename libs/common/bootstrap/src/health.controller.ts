import {
  Controller,
  Get,
  Header,
  HttpCode,
  Inject,
  NotFoundException,
  ServiceUnavailableException,
} from '@nestjs/common';

import { CoreConfig } from './core.config';
import { Metrics } from './metrics';
import { Readiness } from './readiness';

/** `/healthz`: the process lives. `/readyz`: it may be given work. `/metrics`: Prometheus text. */
@Controller()
export class HealthController {
  constructor(
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(CoreConfig) private readonly config: CoreConfig,
  ) {}

  @Get('healthz')
  health(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('readyz')
  @HttpCode(200)
  ready(): { status: 'ready' } {
    const { obstacle } = this.readiness;
    if (obstacle) throw new ServiceUnavailableException({ status: 'not_ready', reason: obstacle });
    return { status: 'ready' };
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4')
  async metricsText(): Promise<string> {
    if (this.config.METRICS_PORT !== undefined) throw new NotFoundException();
    return this.metrics.registry.metrics();
  }
}
