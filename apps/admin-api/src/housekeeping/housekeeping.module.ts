import { Module } from '@nestjs/common';

import { AuditModule } from '../audit/audit.module';
import { Housekeeping } from './housekeeping.service';

@Module({ imports: [AuditModule], providers: [Housekeeping], exports: [Housekeeping] })
export class HousekeepingModule {}
