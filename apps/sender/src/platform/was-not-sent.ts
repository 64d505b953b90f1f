import { DingTalkError, DingTalkThrottledError } from '@common/dingtalk';

import { EgressStoppedError } from './egress-stopped.error';
import { LeaseLostError } from './lease';

/** Passing troubles that certainly had no effect: a later attempt may make the call as if for the first time. */
export const wasNotSent = (error: unknown): boolean =>
  error instanceof LeaseLostError ||
  error instanceof EgressStoppedError ||
  error instanceof DingTalkThrottledError ||
  (error instanceof DingTalkError && error.outcome === 'not_processed');
