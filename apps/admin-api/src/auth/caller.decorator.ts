import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

import type { Role } from './role';

/** Who asks, in which tenant: what the guard found out. */
export interface Caller {
  readonly kind: 'key' | 'administrator';
  /** Id of the key's or the administrator's row, or `bootstrap`. */
  readonly keyId: string;
  readonly keyName: string;
  readonly role: Role;
  /** The tenant the request acts in. */
  readonly tenantId: string;
  /** Whether the key may act in every tenant. */
  readonly isPlatform: boolean;
  readonly ip: string | null;
  /** What the program calls itself. */
  readonly userAgent: string | null;
}

export type AuthenticatedRequest = Request & { caller?: Caller };

export const Who = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (!caller) throw new Error('a route asks for its caller but has no guard');
  return caller;
});
