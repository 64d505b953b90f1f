import { Module } from '@nestjs/common';

import { AuthModule } from '../auth/auth.module';
import { ChangesModule } from '../changes/changes.module';
import { AdministratorsController } from './administrators.controller';
import { AdministratorsRepository } from './administrators.repository';
import { AdministratorsService } from './administrators.service';
import { LoginService } from './login.service';
import { SessionController } from './session.controller';

@Module({
  imports: [AuthModule, ChangesModule],
  controllers: [AdministratorsController, SessionController],
  providers: [AdministratorsService, AdministratorsRepository, LoginService],
})
export class AdministratorsModule {}
