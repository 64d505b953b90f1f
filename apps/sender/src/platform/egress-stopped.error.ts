import { AppError, type Retry } from '@common/kernel';

/** Our address is banned by the platform for a while: no call may leave, whoever's it is. Nothing was sent. */
export class EgressStoppedError extends AppError {
  readonly code = 'egress_stopped';
  readonly retry: Retry;

  constructor(afterMs: number) {
    super('the platform has banned the address of this server for a while');
    this.retry = { afterMs };
  }
}
