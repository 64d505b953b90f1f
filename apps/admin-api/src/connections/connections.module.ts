import { Module } from '@nestjs/common';

import { AuthModule } from '../auth/auth.module';
import { ConnectionsController } from './connections.controller';
import { ConnectionsRepository } from './connections.repository';

@Module({
  imports: [AuthModule],
  controllers: [ConnectionsController],
  providers: [ConnectionsRepository],
})
export class ConnectionsModule {}
