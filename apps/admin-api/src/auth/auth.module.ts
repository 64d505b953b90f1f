import { Module } from '@nestjs/common';

import { Authenticator } from './authenticator.service';
import { LoginBrake } from './login-brake.repository';
import { SessionsOfAdministrators } from './sessions.repository';
import { TenantChoice } from './tenant-choice.service';

const services = [Authenticator, TenantChoice, SessionsOfAdministrators, LoginBrake];

/** Who is asking, and for which tenant. Every resource module imports it for its guard. */
@Module({ providers: services, exports: services })
export class AuthModule {}
