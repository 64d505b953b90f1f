import { type Allowances, type Edition, editionAllowances } from '@common/domain';

/** What the function `allowance_of` answers. */
export interface AllowanceRow {
  readonly edition: Edition;
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

export function allowancesOf(
  row: AllowanceRow,
  refused: { readonly api: boolean; readonly message: boolean },
): Allowances {
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
