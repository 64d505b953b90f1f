import { Injectable } from '@nestjs/common';

import { Incarnation } from '@common/bootstrap';
import { derivedId, KeyedBatches, SecretBox, storableText } from '@common/kernel';
import { Database, isPassingFailure } from '@common/persistence';

import type { Suspension } from '../tools/suspension';
import { type ClaimRow, toTurn } from './claim-row';
import type { ClaimedAgent, ClaimedTurn, Ending } from './claimed-turn';
import { CLAIM, LEAVE, RELEASE, RESTART, STRAYS, SUSPEND } from './turn-statements';

/** How a write that gives a permit back went. */
export interface Freed {
  /** False when the turn was no longer ours: then nothing was written. */
  readonly isOurs: boolean;
  /** Pools of the turn in which others wait. */
  readonly wantedPools: readonly string[];
}

interface Ended {
  readonly turn: ClaimedTurn;
  readonly ending: Ending;
}

/** Claims, or ends, that share one statement and one commit at the most. */
const MOST_AT_ONCE = 50;

/** Turns as the generator sees them. Every write is guarded by attempt and owner: a late process changes nothing. */
@Injectable()
export class TurnRepository {
  /** A tenant's claims wait for each other's commit (ADR 11), so those that come meanwhile share the next. */
  private readonly claims = new KeyedBatches<string, ClaimedTurn | null>(
    (tenantId, turnIds) => this.claimAll(tenantId, turnIds),
    { width: 1, most: MOST_AT_ONCE, isOfAll: isPassingFailure },
  );
  private readonly commits = new KeyedBatches<Ended, Freed>(
    (tenantId, ended) => this.commitAll(tenantId, ended),
    { width: 1, most: MOST_AT_ONCE, isOfAll: isPassingFailure },
  );

  constructor(
    private readonly database: Database,
    private readonly incarnation: Incarnation,
    private readonly secrets: SecretBox,
  ) {}

  /** Makes the turn ours. Null when it ended, somebody living has it, or it has to wait for a permit. */
  claim(tenantId: string, turnId: string): Promise<ClaimedTurn | null> {
    return this.claims.add(tenantId, turnId);
  }

  /** Of two jobs of one turn in a batch the first gets it. */
  private async claimAll(
    tenantId: string,
    turnIds: readonly string[],
  ): Promise<(ClaimedTurn | null)[]> {
    const rows = await this.database.inTenantOnce<ClaimRow>(
      tenantId,
      { name: 'turn.claim', text: CLAIM },
      [tenantId, [...new Set(turnIds)].join(), this.incarnation.id, this.incarnation.mayTakeOver()],
    );
    const claimed = rows
      .filter(({ verdict }) => verdict === 'claimed')
      .map((row) => toTurn(row, tenantId));
    const left = claimed.filter(({ agent }) => agent && this.isForOthers(agent));
    for (const turn of left) await this.leave(turn);
    return turnIds.map((id, n) => {
      const turn = claimed.find((one) => one.id === id && !left.includes(one));
      return turn && turnIds.indexOf(id) === n ? turn : null;
    });
  }

  private isForOthers({ endpoint, model }: ClaimedAgent): boolean {
    const { apiKey = null, headers = null, proxy = null } = model ?? {};
    return this.secrets.isForOthers(endpoint?.secret ?? null, apiKey, headers, proxy);
  }

  /** Sealed with a key that we are still to be given: whoever has it takes the turn soon. */
  private async leave(turn: ClaimedTurn): Promise<void> {
    await this.database.inTenantOnce(turn.tenantId, LEAVE, [
      ...[turn.tenantId, turn.id, turn.attempt, this.incarnation.id],
    ]);
  }

  /** Commits how it ended, and what it cost. */
  commit(turn: ClaimedTurn, ending: Ending): Promise<Freed> {
    return this.commits.add(turn.tenantId, { turn, ending });
  }

  private async commitAll(tenantId: string, ended: readonly Ended[]): Promise<Freed[]> {
    const rows = await this.database.inTenantOnce<{ committed_turn: string; wanted: string[] }>(
      tenantId,
      { name: 'turn.commit', text: 'SELECT * FROM commit_turns($1, $2, $3)' },
      [tenantId, this.incarnation.id, JSON.stringify(ended.map(rowOf))],
    );
    return ended.map(({ turn }) => freed(rows.filter((row) => row.committed_turn === turn.id)));
  }

  /**
   * Begins the turn anew as the next attempt: words were shown and their rest is lost. The permit stays.
   * @returns null when the turn is no longer ours
   */
  async restart(turn: ClaimedTurn, { usage, modelId, error }: Ending): Promise<ClaimedTurn | null> {
    const rows = await this.database.inTenantOnce(
      turn.tenantId,
      { name: 'turn.restart', text: RESTART },
      [
        turn.tenantId,
        turn.id,
        turn.attempt,
        this.incarnation.id,
        modelId,
        usage ? JSON.stringify(usage) : null,
        error?.code ?? null,
      ],
    );
    return rows.length === 1 ? { ...turn, attempt: turn.attempt + 1 } : null;
  }

  /** Lets the turn wait for a person: slot, permit and lease are given back, and what was said is kept. */
  async suspend(turn: ClaimedTurn, wait: Suspension): Promise<Freed> {
    const { pause, usage, modelId, question, ask } = wait;
    const rows = await this.database.inTenantOnce<{ wanted: string[] }>(
      turn.tenantId,
      { name: 'turn.suspend', text: SUSPEND },
      [
        turn.tenantId,
        turn.id,
        turn.attempt,
        this.incarnation.id,
        storableText(JSON.stringify(pause)),
        modelId,
        usage ? JSON.stringify(usage) : null,
        storableText(question),
        storableText(JSON.stringify(ask)),
      ],
    );
    return freed(rows);
  }

  /** Gives back what this process owns without working on it. @returns their ids: there should be none */
  async releaseStrays(inHand: readonly string[]): Promise<string[]> {
    const rows = await this.database.acrossTenantsOnce<{ id: string }>('reconcile', STRAYS, [
      this.incarnation.id,
      inHand,
    ]);
    return rows.map(({ id }) => id);
  }

  /** Gives the turn back without counting the attempt as lost. @returns its new wake counter, null when not ours */
  async release(turn: ClaimedTurn): Promise<(Freed & { readonly wake: number }) | null> {
    const rows = await this.database.inTenantOnce<{ wake: number; wanted: string[] }>(
      turn.tenantId,
      { name: 'turn.release', text: RELEASE },
      [turn.tenantId, turn.id, turn.attempt, this.incarnation.id],
    );
    return rows[0] ? { ...freed(rows), wake: rows[0].wake } : null;
  }
}

const freed = (rows: readonly { readonly wanted: string[] }[]): Freed => ({
  isOurs: rows.length === 1,
  wantedPools: rows[0]?.wanted ?? [],
});

/** As `commit_turns` reads it. */
const rowOf = ({ turn, ending }: Ended): object => ({
  turn: turn.id,
  attempt: turn.attempt,
  outcome: ending.outcome,
  text: storableText(ending.text),
  code: ending.error?.code ?? null,
  message: ending.error?.message ?? null,
  usage: ending.usage,
  answer: derivedId('answer', turn.id),
  remembered: ending.remembered === null ? null : storableText(ending.remembered),
  firstWordsAt: ending.firstWordsAt,
  model: ending.modelId,
});
