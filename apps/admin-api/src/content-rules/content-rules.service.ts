import { Injectable } from '@nestjs/common';
import type { z } from 'zod';

import { newId } from '@common/kernel';
import type { Tx } from '@common/persistence';

import type { Caller } from '../auth/caller.decorator';
import { ChangeLog } from '../changes/change-log';
import { NotFoundError } from '../http/api.errors';
import { checkRevision } from '../http/etag.interceptor';
import { mergePatch } from '../http/merge-patch';
import { byCreation, type Page, readCursor, rowsWanted, toPage } from '../http/page';
import { checkReferences } from '../http/references';
import { iso } from '../http/wire';
import {
  type ContentRuleFields,
  contentRuleFields,
  type contentRuleView,
  type ListContentRulesDto,
} from './content-rules.dto';
import { type ContentRuleRow, ContentRulesRepository } from './content-rules.repository';

export type ContentRuleView = z.output<typeof contentRuleView>;

/** What may be said: words that stop a question or an answer, and what is masked in them. */
@Injectable()
export class ContentRulesService {
  constructor(
    private readonly rules: ContentRulesRepository,
    private readonly changes: ChangeLog,
  ) {}

  async list(
    { tenantId }: Caller,
    { limit, cursor }: ListContentRulesDto,
  ): Promise<Page<ContentRuleView>> {
    const after = readCursor(cursor, byCreation);
    const rows = await this.rules.list(tenantId, after, rowsWanted(limit));
    return toPage(rows, limit, { view, position: (row) => [row.cursor_at, row.id] });
  }

  async get({ tenantId }: Caller, id: string): Promise<ContentRuleView> {
    return view(present(await this.rules.find(tenantId, id)));
  }

  create(caller: Caller, fields: ContentRuleFields): Promise<ContentRuleView> {
    return this.changes.write(caller, { action: 'content_rule.create' }, async (tx) => {
      await checkFields(tx, caller.tenantId, fields);
      const row = await this.rules.insert(tx, caller.tenantId, newId(), fields);
      return { result: view(row), resourceId: row.id, after: view(row) };
    });
  }

  update(
    caller: Caller,
    id: string,
    patch: Record<string, unknown>,
    ifMatch: string | undefined,
  ): Promise<ContentRuleView> {
    return this.changes.write(caller, { action: 'content_rule.update' }, async (tx) => {
      const row = present(await this.rules.lock(tx, caller.tenantId, id));
      checkRevision(row.revision, ifMatch);
      const fields = contentRuleFields.parse(mergePatch(fieldsOf(row), patch));
      await checkFields(tx, caller.tenantId, fields);
      const after = view(await this.rules.update(tx, caller.tenantId, id, fields));
      return { result: after, resourceId: id, before: view(row), after };
    });
  }

  async delete(caller: Caller, id: string, ifMatch: string | undefined): Promise<void> {
    await this.changes.write(caller, { action: 'content_rule.delete' }, async (tx) => {
      const row = present(await this.rules.lock(tx, caller.tenantId, id));
      checkRevision(row.revision, ifMatch);
      await this.rules.delete(tx, caller.tenantId, id);
      return { result: undefined, resourceId: id, before: view(row) };
    });
  }
}

function present(row: ContentRuleRow | undefined): ContentRuleRow {
  if (!row) throw new NotFoundError('content rule');
  return row;
}

const checkFields = (tx: Tx, tenantId: string, fields: ContentRuleFields): Promise<void> =>
  checkReferences(tx, tenantId, [{ path: 'channelId', target: 'channel', id: fields.channelId }]);

const fieldsOf = (row: ContentRuleRow) => ({
  name: row.name,
  ...(row.channel_id === null ? {} : { channelId: row.channel_id }),
  direction: row.direction,
  action: row.action,
  words: row.words,
  kinds: row.kinds,
  enabled: row.enabled,
});

const view = (row: ContentRuleRow): ContentRuleView => ({
  id: row.id,
  name: row.name,
  channelId: row.channel_id,
  direction: row.direction,
  action: row.action,
  words: row.words,
  kinds: row.kinds,
  enabled: row.enabled,
  createdAt: iso(row.created_at),
  updatedAt: iso(row.updated_at),
  revision: row.revision,
});
