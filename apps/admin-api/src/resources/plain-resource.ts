import type { z } from 'zod';

import { newId } from '@common/kernel';
import type { Tx } from '@common/persistence';

import type { Caller } from '../auth/caller.decorator';
import type { ChangeLog } from '../changes/change-log';
import { NotFoundError } from '../http/api.errors';
import { checkRevision } from '../http/etag.interceptor';
import { mergePatch } from '../http/merge-patch';
import { byCreation, type Page, readCursor, rowsWanted, toPage } from '../http/page';
import { checkReferences, type Reference } from '../http/references';
import type { LiveRow, LiveRows } from './live-rows';

interface Kind<Row, Fields, View> {
  /** Word of the audit log, e.g. `content_rule`. */
  readonly name: string;
  readonly schema: z.ZodType<Fields>;
  /** As clients write it, so that a patch can be laid over it. */
  readonly fieldsOf: (row: Row) => unknown;
  readonly view: (row: Row) => View;
  readonly references: (fields: Fields) => readonly Reference[];
}

/** A resource that is nothing but its fields: no secrets, nothing that depends on it. */
export abstract class PlainResource<Row extends LiveRow, Fields, View> {
  protected constructor(
    private readonly rows: LiveRows<Row, Fields>,
    private readonly changes: ChangeLog,
    private readonly kind: Kind<Row, Fields, View>,
  ) {}

  async list(
    { tenantId }: Caller,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<Page<View>> {
    const after = readCursor(cursor, byCreation);
    const rows = await this.rows.list(tenantId, after, rowsWanted(limit));
    return toPage(rows, limit, {
      view: this.kind.view,
      position: (row) => [row.cursor_at, row.id],
    });
  }

  async get({ tenantId }: Caller, id: string): Promise<View> {
    return this.kind.view(this.present(await this.rows.find(tenantId, id)));
  }

  create(caller: Caller, fields: Fields): Promise<View> {
    return this.changes.write(caller, { action: `${this.kind.name}.create` }, async (tx) => {
      await this.check(tx, caller, fields);
      const row = await this.rows.insert(tx, caller.tenantId, newId(), fields);
      const after = this.kind.view(row);
      return { result: after, resourceId: row.id, after };
    });
  }

  update(
    caller: Caller,
    id: string,
    patch: Record<string, unknown>,
    ifMatch: string | undefined,
  ): Promise<View> {
    const { name, view, schema, fieldsOf } = this.kind;
    return this.changes.write(caller, { action: `${name}.update` }, async (tx) => {
      const row = await this.locked(tx, caller, id, ifMatch);
      const fields = schema.parse(mergePatch(fieldsOf(row), patch));
      await this.check(tx, caller, fields);
      const after = view(await this.rows.update(tx, caller.tenantId, id, fields));
      return { result: after, resourceId: id, before: view(row), after };
    });
  }

  async delete(caller: Caller, id: string, ifMatch: string | undefined): Promise<void> {
    await this.changes.write(caller, { action: `${this.kind.name}.delete` }, async (tx) => {
      const row = await this.locked(tx, caller, id, ifMatch);
      await this.rows.delete(tx, caller.tenantId, id);
      return { result: undefined, resourceId: id, before: this.kind.view(row) };
    });
  }

  private async locked(
    tx: Tx,
    { tenantId }: Caller,
    id: string,
    ifMatch: string | undefined,
  ): Promise<Row> {
    const row = this.present(await this.rows.lock(tx, tenantId, id));
    checkRevision(row.revision, ifMatch);
    return row;
  }

  private check(tx: Tx, { tenantId }: Caller, fields: Fields): Promise<void> {
    return checkReferences(tx, tenantId, this.kind.references(fields));
  }

  private present(row: Row | undefined): Row {
    if (!row) throw new NotFoundError(this.kind.name.replace('_', ' '));
    return row;
  }
}
