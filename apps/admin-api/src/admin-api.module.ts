import { Module } from '@nestjs/common';

import { ServiceLife } from '@common/bootstrap';

import { AccessModule } from './access/access.module';
import { AdminApiLife } from './admin-api.life';
import { AuditModule } from './audit/audit.module';
import { AdministratorsModule } from './administrators/administrators.module';
import { AgentsModule } from './agents/agents.module';
import { ApiKeysModule } from './api-keys/api-keys.module';
import { ChannelsModule } from './channels/channels.module';
import { BudgetsModule } from './budgets/budgets.module';
import { ContentRulesModule } from './content-rules/content-rules.module';
import { ToolServersModule } from './tool-servers/tool-servers.module';
import { UsageModule } from './usage/usage.module';
import { DeliveriesModule } from './deliveries/deliveries.module';
import { EventsModule } from './events/events.module';
import { FeedbackModule } from './feedback/feedback.module';
import { HousekeepingModule } from './housekeeping/housekeeping.module';
import { HttpModule } from './http/http.module';
import { KeysModule } from './keys/keys.module';
import { MembersModule } from './members/members.module';
import { ModelsModule } from './models/models.module';
import { NoticesModule } from './notices/notices.module';
import { OrganizationsModule } from './organizations/organizations.module';
import { PrivacyModule } from './privacy/privacy.module';
import { QueuesModule } from './queues/queues.module';
import { SessionsModule } from './sessions/sessions.module';
import { ManifestsModule } from './manifests/manifests.module';
import { MessagesModule } from './messages/messages.module';
import { ConnectionsModule } from './connections/connections.module';
import { SystemModule } from './system/system.module';
import { TenantsModule } from './tenants/tenants.module';
import { TurnsModule } from './turns/turns.module';

@Module({
  imports: [
    HttpModule,
    TenantsModule,
    ApiKeysModule,
    OrganizationsModule,
    ModelsModule,
    AdministratorsModule,
    AuditModule,
    HousekeepingModule,
    KeysModule,
    PrivacyModule,
    AgentsModule,
    UsageModule,
    ToolServersModule,
    ContentRulesModule,
    BudgetsModule,
    ChannelsModule,
    AccessModule,
    MembersModule,
    SessionsModule,
    TurnsModule,
    DeliveriesModule,
    NoticesModule,
    FeedbackModule,
    QueuesModule,
    EventsModule,
    SystemModule,
    ConnectionsModule,
    MessagesModule,
    ManifestsModule,
  ],
  providers: [{ provide: ServiceLife, useClass: AdminApiLife }],
})
export class AdminApiModule {}
