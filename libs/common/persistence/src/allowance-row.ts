import { type Allowances, type Edition, editionAllowances } from '@common/domain';

/** What the function `allowance_of` answers. */
export interface AllowanceRow {
  readonly edition: Edition;
  /** Nobody said so: the organisation was learned from a message. */
  readonly isAssumed: boolean;
  readonly apiLimit: number | null;
  readonly messageLimit: number | null;
  readonly apiUsed: number;
  readonly webhookUsed: number;
  readonly inboundUsed: number;
  readonly answers: number;
  /** First day of the month, by the platform's calendar. */
  readonly month: string;
  readonly elapsedDays: number;
  readonly monthDays: number;
}

/** What the platform itself said is used up. */
export interface Refused {
  readonly api: boolean;
  readonly message: boolean;
}

/**
 * What may be spent. Our own count limits only organisations that somebody set up; the platform's word counts always.
 * @returns null when nothing limits
 */
export function spendableOf(row: AllowanceRow | null, refused: Refused): Allowances | null {
  if (row && !row.isAssumed) return allowancesOf(row, refused);
  if (!refused.api && !refused.message) return null;
  const plenty = { limit: Number.MAX_SAFE_INTEGER, used: 0 };
  return {
    apiCalls: { ...plenty, isRefused: refused.api },
    messages: { ...plenty, isRefused: refused.message },
    ...{ answers: 0, elapsedDays: 0, monthDays: 30 },
  };
}

export function allowancesOf(row: AllowanceRow, refused: Refused): Allowances {
  const usual = editionAllowances[row.edition];
  return {
    apiCalls: {
      limit: row.apiLimit ?? usual.apiCalls,
      used: row.apiUsed,
      isRefused: refused.api,
    },
    messages: {
      limit: row.messageLimit ?? usual.messages,
      used: row.webhookUsed + row.inboundUsed,
      isRefused: refused.message,
    },
    answers: row.answers,
    elapsedDays: row.elapsedDays,
    monthDays: row.monthDays,
  };
}
