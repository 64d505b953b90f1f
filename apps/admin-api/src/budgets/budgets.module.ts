import { Module } from '@nestjs/common';

import { AuthModule } from '../auth/auth.module';
import { ChangesModule } from '../changes/changes.module';
import { BudgetsController } from './budgets.controller';
import { BudgetsRepository } from './budgets.repository';
import { BudgetsService } from './budgets.service';

@Module({
  imports: [AuthModule, ChangesModule],
  controllers: [BudgetsController],
  providers: [BudgetsService, BudgetsRepository],
})
export class BudgetsModule {}
