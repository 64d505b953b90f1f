export { Egress, type EgressOptions } from './egress';
export {
  OutboundGuard,
  type DispatcherOptions,
  type OutboundGuardOptions,
  type Resolve,
} from './outbound-guard';
export { OutboundRefusedError, type RefusalReason } from './outbound-refused.error';
