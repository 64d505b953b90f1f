import { FirstSchema1763600000000 } from './migrations/1763600000000-first-schema';

/** Every migration, oldest first. Never edit or reorder one that has landed. */
export const migrations = [FirstSchema1763600000000];
