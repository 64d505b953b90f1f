import type { FactoryProvider } from '@nestjs/common';

import { CoreConfig, Metrics } from '@common/bootstrap';
import { DingTalkClient } from '@common/dingtalk';
import { Clock } from '@common/kernel';
import { Logger } from '@common/logging';
import { Egress, OutboundGuard } from '@common/outbound';

import { ChannelSecrets } from './channel-secrets.adapter';
import { SealedTokens } from './sealed-tokens.adapter';

/** The one client of this process, with its tokens shared over Redis and its calls counted. */
export const dingTalkClient: FactoryProvider<DingTalkClient> = {
  provide: DingTalkClient,
  inject: [CoreConfig, OutboundGuard, Egress, SealedTokens, ChannelSecrets, Clock, Logger, Metrics],
  useFactory: (
    config: CoreConfig,
    guard: OutboundGuard,
    egress: Egress,
    sharedTokens: SealedTokens,
    otherSecrets: ChannelSecrets,
    clock: Clock,
    logger: Logger,
    metrics: Metrics,
  ) => {
    const seconds = metrics.histogram('platform_call_seconds', 'Calls to DingTalk', [
      'api',
      'status',
    ]);
    return new DingTalkClient({
      apiUrl: config.DINGTALK_API_URL,
      oapiUrl: config.DINGTALK_OAPI_URL,
      guard,
      egress,
      sharedTokens,
      otherSecrets,
      clock,
      onCall: ({ api, status, durationMs }) =>
        seconds.observe({ api, status: String(status) }, durationMs / 1_000),
      onFault: (error) => logger.debug('platform client fault', { error }),
    });
  },
};
