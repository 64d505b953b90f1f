import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who is erased leaves no staff id among the recipients of notices, and gets none of those that wait. */
export class ErasedAddresses1795645292000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(FORGET_ADDRESSES);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only'));
  }
}

/** At the end of every erasure, whoever begins it: the member's row is its last statement (ADR 27). */
const FORGET_ADDRESSES = `
CREATE FUNCTION forget_notice_addresses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE notice_recipient r
     SET address = NULL, state = CASE WHEN r.state = 'pending' THEN 'cancelled' ELSE r.state END
    WHERE r.tenant_id = NEW.tenant_id AND r.member_id = NEW.id AND r.address IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER member_erased AFTER UPDATE OF erased_at ON member
  FOR EACH ROW WHEN (NEW.erased_at IS NOT NULL) EXECUTE FUNCTION forget_notice_addresses();
`;
