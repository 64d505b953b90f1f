import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';

import { Readiness } from '@common/bootstrap';

import { ForbiddenError, UnavailableError } from '../http/api.errors';
import { NEEDED_ROLE, PLATFORM_ONLY } from './allow.decorator';
import { Authenticator } from './authenticator.service';
import type { AuthenticatedRequest } from './caller.decorator';
import { reaches, type Role } from './role';
import { TenantChoice } from './tenant-choice.service';

/** Lets a request in when its key is valid, may act in the tenant and reaches the route's role. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly readiness: Readiness,
    private readonly authenticator: Authenticator,
    private readonly tenants: TenantChoice,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { obstacle } = this.readiness;
    if (obstacle) throw new UnavailableError('not_ready', `The service is not ready: ${obstacle}.`);
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const key = await this.authenticator.identify(request.headers.authorization);
    const tenantId = await this.tenants.of(key, wantedTenant(request));
    this.checkRole(context, key.role);
    this.checkPlatform(context, key.tenantId === null);
    request.caller = {
      keyId: key.id,
      keyName: key.name,
      role: key.role,
      tenantId,
      isPlatform: key.tenantId === null,
      ip: request.ip ?? null,
      userAgent: request.headers['user-agent']?.slice(0, 300) ?? null,
    };
    return true;
  }

  private checkRole(context: ExecutionContext, has: Role): void {
    const needed = this.reflector.get<Role | undefined>(NEEDED_ROLE, context.getHandler());
    if (needed === undefined)
      throw new Error(`${context.getClass().name}.${context.getHandler().name} allows nobody`);
    if (!reaches(has, needed))
      throw new ForbiddenError(
        'forbidden',
        `This needs the role ${needed}; the key has the role ${has}.`,
      );
  }

  private checkPlatform(context: ExecutionContext, isPlatform: boolean): void {
    if (isPlatform || !this.reflector.get<boolean>(PLATFORM_ONLY, context.getHandler())) return;
    throw new ForbiddenError('platform_key_required', 'Only a key of the platform may do this.');
  }
}

function wantedTenant(request: AuthenticatedRequest): string | undefined {
  const header = request.headers['x-tenant-id'];
  return Array.isArray(header) ? header[0] : header;
}
