import { Module } from '@nestjs/common';

import { AuthModule } from '../auth/auth.module';
import { ChangesModule } from '../changes/changes.module';
import { ContentFindingsRepository } from './content-findings.repository';
import { ContentRulesController } from './content-rules.controller';
import { ContentRulesRepository } from './content-rules.repository';
import { ContentRulesService } from './content-rules.service';

@Module({
  imports: [AuthModule, ChangesModule],
  controllers: [ContentRulesController],
  providers: [ContentRulesService, ContentRulesRepository, ContentFindingsRepository],
})
export class ContentRulesModule {}
