import { Module } from '@nestjs/common';

import { AuditModule } from '../audit/audit.module';
import { PrivacyModule } from '../privacy/privacy.module';
import { Housekeeping } from './housekeeping.service';

@Module({
  imports: [AuditModule, PrivacyModule],
  providers: [Housekeeping],
  exports: [Housekeeping],
})
export class HousekeepingModule {}
