import { Module } from '@nestjs/common';

import { Authenticator } from './authenticator.service';
import { TenantChoice } from './tenant-choice.service';

/** Who is asking, and for which tenant. Every resource module imports it for its guard. */
@Module({ providers: [Authenticator, TenantChoice], exports: [Authenticator, TenantChoice] })
export class AuthModule {}
