import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Organisations that were learned from a message, not set up by anybody: counted and reported, but their edition is only
 * assumed, so our own count refuses them nothing.
 */
export class LearnedOrganizations1764034087000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE organization ADD COLUMN learned boolean NOT NULL DEFAULT false`,
    );
    await runner.query(REPORT);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

const REPORT = `
CREATE OR REPLACE FUNCTION allowance_report(p_organization uuid, p_edition text, p_api_limit integer, p_message_limit integer)
RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
      'edition', p_edition, 'apiLimit', p_api_limit, 'messageLimit', p_message_limit,
      'isAssumed', COALESCE((SELECT o.learned FROM organization o WHERE o.id = p_organization), false),
      'apiUsed', COALESCE(u.api_calls, 0), 'webhookUsed', COALESCE(u.webhook_messages, 0),
      'inboundUsed', COALESCE(u.inbound_messages, 0), 'answers', COALESCE(u.answers, 0), 'month', allowance_month(),
      'elapsedDays', extract(epoch FROM now() - allowance_month_start()) / 86400.0,
      'monthDays', extract(day FROM allowance_month() + interval '1 month' - interval '1 day'))
    FROM (SELECT 1) one
    LEFT JOIN organization_usage u ON u.organization_id = p_organization AND u.month = allowance_month()
$$`;
