import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';

import type { Role } from './role';

export const NEEDED_ROLE = 'carillon:needed-role';
export const PLATFORM_ONLY = 'carillon:platform-only';

/** The least role that may call a route; the OpenAPI document says it too. A route without one is refused to everybody. */
export const Allow = (role: Role) =>
  applyDecorators(SetMetadata(NEEDED_ROLE, role), ApiExtension('x-needed-role', role));

export const PUBLIC = 'carillon:public';

/** Open to whoever has no key yet: the way in. */
export const Public = () =>
  applyDecorators(SetMetadata(PUBLIC, true), ApiExtension('x-public', true));

/** Only keys of the platform: what the route does reaches across tenants. */
export const PlatformOnly = () =>
  applyDecorators(SetMetadata(PLATFORM_ONLY, true), ApiExtension('x-platform-only', true));
