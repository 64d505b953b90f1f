import type { FactoryProvider } from '@nestjs/common';

import { DingTalkClient } from '@common/dingtalk';
import { Clock } from '@common/kernel';
import { Logger } from '@common/logging';
import { Egress, OutboundGuard } from '@common/outbound';

import { DispatcherConfig } from '../dispatcher.config';

/** For look-ups in the directory and for files. Tokens are shared within this process: there are few such calls. */
export const dingTalkClient: FactoryProvider<DingTalkClient> = {
  provide: DingTalkClient,
  inject: [DispatcherConfig, OutboundGuard, Egress, Clock, Logger],
  useFactory: (
    config: DispatcherConfig,
    guard: OutboundGuard,
    egress: Egress,
    clock: Clock,
    logger: Logger,
  ) =>
    new DingTalkClient({
      apiUrl: config.DINGTALK_API_URL,
      oapiUrl: config.DINGTALK_OAPI_URL,
      fileHosts: config.FILES_HOSTS,
      ...{ guard, egress, clock },
      onFault: (error) => logger.debug('platform client fault', { error }),
    }),
};
