import type { FactoryProvider } from '@nestjs/common';

import { CoreConfig } from '@common/bootstrap';
import { DingTalkClient } from '@common/dingtalk';
import { Clock } from '@common/kernel';
import { Logger } from '@common/logging';
import { Egress, OutboundGuard } from '@common/outbound';

/** For look-ups in the directory. Tokens are shared within this process: there are few such calls. */
export const dingTalkClient: FactoryProvider<DingTalkClient> = {
  provide: DingTalkClient,
  inject: [CoreConfig, OutboundGuard, Egress, Clock, Logger],
  useFactory: (
    config: CoreConfig,
    guard: OutboundGuard,
    egress: Egress,
    clock: Clock,
    logger: Logger,
  ) =>
    new DingTalkClient({
      apiUrl: config.DINGTALK_API_URL,
      oapiUrl: config.DINGTALK_OAPI_URL,
      ...{ guard, egress, clock },
      onFault: (error) => logger.debug('platform client fault', { error }),
    }),
};
