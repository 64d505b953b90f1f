import { Injectable } from '@nestjs/common';

import { AppError, correlation } from '@common/kernel';
import { Logger } from '@common/logging';

import type { Caller } from '../auth/caller.decorator';
import { runningWrite } from '../changes/running-write';
import { problemOf } from '../http/problem';
import { bodyOf } from './item-shape';
import { ItemWriter } from './item-writer.service';
import { kinds } from './kinds';
import type { ApplyResult, ItemResult, Manifest } from './manifest.dto';
import { ManifestPlanner, type PlannedItem } from './manifest-planner.service';
import type { NameBook } from './name-book';
import { PresentStateReader } from './present-state.service';

/** The resource that an item names could not be made, so the item cannot be either. */
class MissingDependencyError extends AppError {
  readonly code = 'depends_on_failed';
  readonly retry = 'never';
}

/**
 * Makes what is there look like a document, item by item, each as if it had been written over REST: with its audit row and
 * its announcement. An item that fails holds up only those that name it; the same document again does what is left.
 */
@Injectable()
export class ManifestApplier {
  constructor(
    private readonly reader: PresentStateReader,
    private readonly planner: ManifestPlanner,
    private readonly writer: ItemWriter,
    private readonly logger: Logger,
  ) {}

  /** @throws InvalidInputError when anything in the document is wrong; then nothing was done */
  async apply(caller: Caller, document: Manifest, dryRun: boolean): Promise<ApplyResult> {
    const state = await this.reader.read(caller);
    const plan = await this.planner.plan(caller, document, state);
    const items = dryRun
      ? plan.map((planned) => resultOf(planned, planned.isNew ? null : planned.id))
      : // The answer to an Idempotency-Key is that of all writes, not of the first.
        await runningWrite.exit(() => this.run(caller, plan, state.names));
    return { dryRun, failed: items.filter(({ error }) => error !== null).length, items };
  }

  private async run(
    caller: Caller,
    plan: readonly PlannedItem[],
    names: NameBook,
  ): Promise<ItemResult[]> {
    const made = new Map<string, string>();
    const results: ItemResult[] = [];
    for (const planned of plan) {
      try {
        const id = await this.write(caller, planned, names, made, plan);
        made.set(planned.id, id);
        results.push(resultOf(planned, id));
      } catch (error) {
        results.push({
          ...resultOf(planned, planned.isNew ? null : planned.id),
          error: this.told(error),
        });
      }
    }
    return results;
  }

  private async write(
    caller: Caller,
    planned: PlannedItem,
    names: NameBook,
    made: ReadonlyMap<string, string>,
    plan: readonly PlannedItem[],
  ): Promise<string> {
    const { section, item, id, isNew, changes } = planned;
    if (!isNew && changes.length === 0) return id;
    const awaited = new Set(plan.filter((one) => one.isNew).map((one) => one.id));
    const { body } = bodyOf(kinds[section], item, (target, name) => {
      const found = names.find(target, name);
      const there = made.get(found);
      if (there === undefined && awaited.has(found))
        throw new MissingDependencyError(`"${name}" could not be made.`);
      return there ?? found;
    });
    if (isNew) return this.writer.create(caller, section, body);
    await this.writer.update(caller, section, id, body);
    return id;
  }

  private told(error: unknown): NonNullable<ItemResult['error']> {
    const problem =
      error instanceof MissingDependencyError
        ? { code: error.code, detail: error.message, status: 409 }
        : problemOf(error, correlation.getStore()?.correlationId);
    if (!problem || problem.status >= 500) this.logger.error('item not applied', { error });
    return problem
      ? { code: problem.code, message: problem.detail }
      : { code: 'internal_error', message: 'Something went wrong on our side; the log has more.' };
  }
}

const resultOf = (
  { section, name, isNew, changes }: PlannedItem,
  id: string | null,
): ItemResult => ({
  kind: section,
  name,
  id,
  action: isNew ? 'create' : changes.length > 0 ? 'update' : 'unchanged',
  changes: [...changes],
  error: null,
});
