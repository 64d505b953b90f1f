import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';

import { Readiness } from '@common/bootstrap';

import { ForbiddenError, UnavailableError } from '../http/api.errors';
import { NEEDED_ROLE, PLATFORM_ONLY, PUBLIC } from './allow.decorator';
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
    if (this.reflector.get<boolean>(PUBLIC, context.getHandler())) return true;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const key = await this.authenticator.identify(request);
    const tenantId = await this.tenants.of(key, wantedTenant(request));
    this.checkRole(context, key.role);
    this.checkPlatform(context, key.tenantId === null);
    checkChannels(request, key.channelIds ?? null);
    request.caller = {
      kind: key.kind ?? 'key',
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

/** Lists that show nothing but of the channel they are asked for. */
const LISTS_BY_CHANNEL = new Set(
  [
    'turns',
    'sessions',
    'deliveries',
    'messages',
    'messages/export',
    'feedback',
    'feedback/export',
  ].map((list) => `/api/v1/${list}`),
);

/** A key for some channels reaches what lies under them, and lists that are asked for one of them: nothing else. */
function checkChannels(request: AuthenticatedRequest, channelIds: readonly string[] | null): void {
  if (channelIds === null) return;
  const isOfChannel = request.path.startsWith('/api/v1/channels/');
  const asked = isOfChannel ? request.params['id'] : request.query['channelId'];
  if (typeof asked === 'string' && channelIds.includes(asked.toLowerCase())) {
    if (isOfChannel || (request.method === 'GET' && LISTS_BY_CHANNEL.has(request.path))) return;
  }
  throw new ForbiddenError('channel_scope', 'This key reaches only what belongs to its channels.');
}

function wantedTenant(request: AuthenticatedRequest): string | undefined {
  const header = request.headers['x-tenant-id'];
  return Array.isArray(header) ? header[0] : header;
}
