import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { roles } from '../auth/role';
import { nullIsUnset } from '../http/null-is-unset';
import { pageOf, pageQuery } from '../http/page';
import { isoTime, name } from '../http/wire';

const email = z
  .string()
  .trim()
  .toLowerCase()
  .max(200)
  .regex(/^[^\s@]+@[^\s@]+$/, 'must be an e-mail address');
/** Long ones only: NIST 800-63B asks for length and for no character classes. */
const password = z.string().min(12).max(200).describe('At least 12 characters. Write-only');
const code = z
  .string()
  .regex(/^\d{6}$/)
  .describe('Of the authenticator app');

export const administratorFields = z.strictObject({
  email,
  name,
  role: z.enum(roles),
  password: password.optional(),
  scope: z
    .enum(['tenant', 'platform'])
    .optional()
    .describe('`platform`: acts in every tenant; only the platform may create one'),
});
export const administratorPatch = z.strictObject({
  name: name.optional(),
  role: z.enum(roles).optional(),
  password: password.optional(),
  totp: z.literal('off').optional().describe('Takes the second factor away'),
});
export const administratorView = z.object({
  id: z.uuid(),
  email: z.string(),
  name: z.string(),
  role: z.enum(roles),
  scope: z.enum(['tenant', 'platform']),
  passwordSet: z.boolean(),
  totp: z.boolean().describe('Whether a second factor is asked for'),
  createdAt: isoTime,
  lastLoginAt: isoTime.nullable(),
});
export type AdministratorView = z.output<typeof administratorView>;

export const login = z.strictObject({
  email,
  password: z.string().max(200),
  code: code.optional(),
});
export const sessionView = z.object({
  kind: z.enum(['administrator', 'key']),
  id: z.string(),
  name: z.string(),
  role: z.enum(roles),
  tenantId: z.uuid(),
  platform: z.boolean(),
  csrfToken: z
    .string()
    .nullable()
    .describe('Send it as X-CSRF-Token with every write of a session; keys need none'),
});
export type SessionInfo = z.output<typeof sessionView>;

export class CreateAdministratorDto extends createZodDto(nullIsUnset(administratorFields)) {}
export class UpdateAdministratorDto extends createZodDto(administratorPatch) {}
export class ListAdministratorsDto extends createZodDto(pageQuery) {}
export class AdministratorDto extends createZodDto(administratorView) {}
export class AdministratorListDto extends createZodDto(pageOf(administratorView)) {}
export class LoginDto extends createZodDto(login) {}
export class SessionInfoDto extends createZodDto(sessionView) {}
export class ChangePasswordDto extends createZodDto(
  z.strictObject({ current: z.string().max(200), next: password }),
) {}
export class TotpDto extends createZodDto(
  z.object({
    secret: z.string().describe('Shown this once'),
    url: z.string().describe('otpauth: for a QR code'),
  }),
) {}
export class ConfirmTotpDto extends createZodDto(z.strictObject({ code })) {}
