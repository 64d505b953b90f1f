import { sqlStateOf } from '@common/persistence';

const UNIQUE_VIOLATION = '23505';

/** Whether a statement failed because of this unique constraint or index. */
export const violatesUnique = (error: unknown, constraint: string): boolean =>
  sqlStateOf(error) === UNIQUE_VIOLATION &&
  (error as { constraint?: unknown }).constraint === constraint;
