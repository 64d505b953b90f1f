import type { Clock, SecretBox } from '@common/kernel';
import type { Logger } from '@common/logging';
import { type Database, noteMasterKey } from '@common/persistence';

/**
 * How long all must have been able to open what a new key seals before it seals: who is being started anew with the old
 * keys is not seen for a moment.
 */
const PATIENCE_MS = 6_000;
/** What was sealed before a change is in the database by then, or never will be (statements are cut off after 5 s). */
const IN_THE_AIR_MS = 6_000;
/** Work for a key that somebody had is left to them for so long, should they just be starting anew. */
const ELSEWHERE_MS = 600_000;

/** What a heartbeat brings back. */
export interface KeyView {
  /** The keys of the other living processes, each list once: `id#fingerprint`, or an id alone; null: it does not say. */
  readonly others: readonly (readonly (string | null)[])[];
  /** Ids of the keys that rows are sealed with. */
  readonly inUse: readonly string[];
}

/** Columns of a statement whose $1 is the id of our own row. A process that was not seen for 10 s counts as dead. */
export const KEY_VIEW = `
  (SELECT COALESCE(jsonb_agg(DISTINCT COALESCE(to_jsonb(i.known_keys), jsonb_build_array(i.sealing_key))), '[]')
     FROM incarnation i WHERE i.id <> $1 AND i.stopped_at IS NULL AND i.seen_at > now() - interval '10 seconds') AS others,
  (SELECT COALESCE(jsonb_agg(k.id), '[]') FROM master_key k WHERE k.retired_at IS NULL) AS "inUse"`;

/**
 * Chooses the key that this process seals with: the first of MASTER_KEYS that every living process can open. So a new key
 * may come to one process after the other in any order (ADR 25). What it knows it learns from the heartbeat; without one
 * it keeps what it had.
 */
export class SealingKey {
  /** `id#fingerprint` of each key, for the heartbeat row. */
  readonly known: readonly string[];
  private incarnationId = '';
  private saidId: string;
  /** The key that we wrote down last as one that rows are sealed with; null: Postgres was away. */
  private noted: string | null = null;
  private changedAtMs = Number.NEGATIVE_INFINITY;
  /** A newer key that all know, and since when we see that without interruption. */
  private next: { readonly keyId: string; readonly sinceMs: number } | null = null;
  private lacking: readonly string[] = [];
  /** Key id → when another process that has it was last seen. */
  private readonly elsewhere = new Map<string, number>();

  constructor(
    private readonly box: SecretBox,
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    this.known = box.keyIds.map((id) => `${id}#${box.fingerprintOf(id)}`);
    this.saidId = box.sealingKeyId;
  }

  /** What the heartbeat row says: the old key as long as something sealed with it may be under way. */
  get said(): string {
    if (this.clock.now() - this.changedAtMs >= IN_THE_AIR_MS) this.saidId = this.box.sealingKeyId;
    return this.saidId;
  }

  /** Before anything is sealed, and before the first heartbeat. Postgres away: the oldest key, until a heartbeat is heard. */
  async begin(incarnationId: string): Promise<void> {
    this.incarnationId = incarnationId;
    try {
      const [view] = await this.database.platformOnce<KeyView & Record<string, unknown>>(
        `SELECT ${KEY_VIEW}`,
        [incarnationId],
      );
      const keyId = view ? this.choose(view, false) : this.box.sealingKeyId;
      await this.note(keyId);
      this.box.sealWith(keyId);
      this.saidId = keyId;
    } catch (error) {
      this.logger.warn('master keys of the others not known', { error });
    }
  }

  /**
   * @param isSteady whether heartbeats have come through for long enough that the living are seen
   * @throws when Postgres is away: then nothing has changed
   */
  async look(view: KeyView, isSteady: boolean): Promise<void> {
    this.tellLacking(view.inUse);
    this.remember(view.others);
    const keyId = this.choose(view, isSteady);
    const before = this.box.sealingKeyId;
    if (keyId === before && this.noted === keyId) return;
    await this.note(keyId);
    if (keyId === before) return;
    const isOlder = this.rank(keyId) > this.rank(before);
    if (isOlder) await this.say(keyId);
    this.box.sealWith(keyId);
    if (!isOlder) this.changedAtMs = this.clock.now();
    this.logger.info('another master key seals', { keyId, before });
  }

  /** A heartbeat failed: for a while the living look dead. */
  loseSight(): void {
    this.next = null;
  }

  private choose({ others, inUse }: KeyView, isSteady: boolean): string {
    const now = this.box.sealingKeyId;
    const shared = this.box.keyIds.filter((id) => others.every((keys) => this.opens(keys, id)));
    const [best] = shared;
    if (best === undefined || best === now || this.rank(best) > this.rank(now)) {
      this.next = null;
      return best ?? now;
    }
    if (inUse.length === 0 || inUse.includes(best) || this.hasWaitedFor(best, isSteady))
      return best;
    if (shared.includes(now)) return now;
    return shared.find((id) => inUse.includes(id)) ?? shared.at(-1) ?? now;
  }

  private hasWaitedFor(keyId: string, isSteady: boolean): boolean {
    if (this.next?.keyId !== keyId) this.next = { keyId, sinceMs: this.clock.now() };
    return isSteady && this.clock.now() - this.next.sinceMs >= PATIENCE_MS;
  }

  /** An older release says an id alone. */
  private opens(keys: readonly (string | null)[], id: string): boolean {
    return keys.includes(id) || keys.includes(`${id}#${this.box.fingerprintOf(id)}`);
  }

  private async note(keyId: string): Promise<void> {
    await noteMasterKey(this.database, this.box, keyId);
    this.noted = keyId;
  }

  /** Before the first value: the walk through the rows must not take us for one that seals with the new key. */
  private async say(keyId: string): Promise<void> {
    this.saidId = keyId;
    this.changedAtMs = Number.NEGATIVE_INFINITY;
    await this.database.platformOnce('UPDATE incarnation SET sealing_key = $2 WHERE id = $1', [
      this.incarnationId,
      keyId,
    ]);
  }

  private remember(others: KeyView['others']): void {
    const now = this.clock.now();
    for (const said of others.flat())
      if (said !== null) this.elsewhere.set(said.split('#')[0] ?? said, now);
    for (const [keyId, seenAt] of this.elsewhere)
      if (seenAt < now - ELSEWHERE_MS) this.elsewhere.delete(keyId);
    this.box.othersHave(this.elsewhere.keys());
  }

  private tellLacking(inUse: readonly string[]): void {
    const lacking = inUse.filter((id) => !this.box.keyIds.includes(id));
    for (const keyId of lacking.filter((id) => !this.lacking.includes(id)))
      this.logger.error(
        'master key missing: others seal with it; what it sealed is left to them until this process has it, too',
        { keyId },
      );
    this.lacking = lacking;
  }

  private rank(keyId: string): number {
    return this.box.keyIds.indexOf(keyId);
  }
}
