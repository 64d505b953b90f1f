import { z } from 'zod';

import {
  type Allowance,
  type Allowances,
  type CardPace,
  cardPaces,
  forecastOf,
  presentationOf,
} from '@common/domain';
import { allowancesOf, type AllowanceRow, spendableOf } from '@common/persistence';

const one = z.object({
  limit: z.number().int(),
  used: z.number().int(),
  percent: z.number().int(),
  forecast: z.number().int().describe('At this rate, by the end of the month'),
  refused: z.boolean().describe('DingTalk said that it is used up'),
});

export const allowanceReportSchema = z.object({
  month: z.string().describe('By the calendar of Asia/Shanghai, e.g. 2026-11'),
  apiCalls: one,
  messages: one.extend({
    inbound: z.number().int().describe('Pushes that came in'),
    webhook: z.number().int().describe('Messages that went out by session webhook'),
  }),
  answers: z.number().int(),
  pace: z
    .enum([...cardPaces, 'text', 'exhausted'])
    .describe('How answers are shown now: the wanted pace, or what the month still affords'),
});
export type AllowanceReport = z.output<typeof allowanceReportSchema>;

/** Columns of a query about one channel or organisation. */
export interface UsageColumns extends Record<string, unknown> {
  readonly allowance: AllowanceRow | null;
  readonly pace: CardPace;
  readonly api_refused: boolean;
  readonly message_refused: boolean;
}

/** What administrators read of the monthly allowances; null when nobody said to which organisation the channel belongs. */
export function allowanceReport(row: UsageColumns): AllowanceReport | null {
  if (!row.allowance) return null;
  const refused = { api: row.api_refused, message: row.message_refused };
  const allowances = allowancesOf(row.allowance, refused);
  const { pace, textWays } = presentationOf(spendableOf(row.allowance, refused), row.pace);
  return {
    month: String(row.allowance.month).slice(0, 7),
    apiCalls: figures(allowances.apiCalls, allowances),
    messages: {
      ...figures(allowances.messages, allowances),
      inbound: row.allowance.inboundUsed,
      webhook: row.allowance.webhookUsed,
    },
    answers: allowances.answers,
    pace: pace ?? (textWays.length > 0 ? 'text' : 'exhausted'),
  };
}

const figures = ({ limit, used, isRefused }: Allowance, all: Allowances) => ({
  limit,
  used,
  percent: limit === 0 ? 100 : Math.floor((used / limit) * 100),
  forecast: forecastOf(used, all),
  refused: isRefused,
});
