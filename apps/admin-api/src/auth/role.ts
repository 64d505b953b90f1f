/** From least to most: each may do what the ones before it may. */
export const roles = ['viewer', 'operator', 'admin', 'owner'] as const;
export type Role = (typeof roles)[number];

/** `viewer` reads, `operator` also runs things, `admin` writes resources, `owner` writes keys and tenants. */
export const reaches = (has: Role, needed: Role): boolean =>
  roles.indexOf(has) >= roles.indexOf(needed);
