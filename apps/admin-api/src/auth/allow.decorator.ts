import { SetMetadata } from '@nestjs/common';

import type { Role } from './role';

export const NEEDED_ROLE = 'carillon:needed-role';
export const PLATFORM_ONLY = 'carillon:platform-only';

/** The least role that may call a route. A route without one is refused to everybody. */
export const Allow = (role: Role) => SetMetadata(NEEDED_ROLE, role);

/** Only keys of the platform: what the route does reaches across tenants. */
export const PlatformOnly = () => SetMetadata(PLATFORM_ONLY, true);
