import { Module } from '@nestjs/common';

import { AuthModule } from '../auth/auth.module';
import { ChangesModule } from '../changes/changes.module';
import { ModelTest } from './model-test.service';
import { ModelsController } from './models.controller';
import { ModelsRepository } from './models.repository';
import { ModelsService } from './models.service';

@Module({
  imports: [AuthModule, ChangesModule],
  controllers: [ModelsController],
  providers: [ModelsService, ModelsRepository, ModelTest],
  exports: [ModelsService],
})
export class ModelsModule {}
