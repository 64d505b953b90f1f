import { Module } from '@nestjs/common';

import { ObjectStore, openObjectStore } from '@common/files';

import { AdminApiConfig } from '../admin-api.config';
import { AuthModule } from '../auth/auth.module';
import { ChangesModule } from '../changes/changes.module';
import { ChannelPrivacyController } from './channel-privacy.controller';
import { Eraser } from './eraser.service';
import { MemberExportRepository } from './member-export.repository';
import { MemberExport } from './member-export.service';
import { MemberPrivacyController } from './member-privacy.controller';
import { PrivacyRepository } from './privacy.repository';
import { PrivacyService } from './privacy.service';
import { Retention } from './retention.service';
import { WordsRepository } from './words.repository';

@Module({
  imports: [AuthModule, ChangesModule],
  controllers: [ChannelPrivacyController, MemberPrivacyController],
  providers: [
    ...[PrivacyService, PrivacyRepository, WordsRepository, Eraser, Retention],
    ...[MemberExport, MemberExportRepository],
    { provide: ObjectStore, inject: [AdminApiConfig], useFactory: openObjectStore },
  ],
  exports: [Retention, ObjectStore],
})
export class PrivacyModule {}
