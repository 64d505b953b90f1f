import { z } from 'zod';

/** Fields that several resources share, as they look on the wire. */
export const isoTime = z.iso.datetime().meta({ description: 'RFC 3339, UTC' });
export const name = z.string().trim().min(1).max(200);
export const json = z.json();

export const iso = (date: Date): string => date.toISOString();
export const isoOrNull = (date: Date | null): string | null => date?.toISOString() ?? null;

/** An http(s) address without credentials: those belong into a secret field. */
export const httpUrl = z
  .url({ protocol: /^https?$/, message: 'must be an http or https address' })
  .max(2_000)
  .refine((value) => !URL.canParse(value) || new URL(value).username === '', {
    message: 'must not contain credentials',
  });

/** What every configured resource shows besides its own fields. */
export const stamps = {
  createdAt: isoTime,
  updatedAt: isoTime,
  /** Raised with every change; the ETag is made of it. */
  revision: z.number().int(),
};
