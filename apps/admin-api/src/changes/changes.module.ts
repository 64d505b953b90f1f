import { Module } from '@nestjs/common';

import { ChangeLog } from './change-log';
import { IdempotencyRepository } from './idempotency.repository';

@Module({
  providers: [ChangeLog, IdempotencyRepository],
  exports: [ChangeLog, IdempotencyRepository],
})
export class ChangesModule {}
