import { Injectable } from '@nestjs/common';
import type { z } from 'zod';

import { ChangeLog } from '../changes/change-log';
import { iso } from '../http/wire';
import { PlainResource } from '../resources/plain-resource';
import {
  type ContentRuleFields,
  contentRuleFields,
  type contentRuleView,
} from './content-rules.dto';
import { type ContentRuleRow, ContentRulesRepository } from './content-rules.repository';

export type ContentRuleView = z.output<typeof contentRuleView>;

/** What may be said: words that stop a question or an answer, and what is masked in them. */
@Injectable()
export class ContentRulesService extends PlainResource<
  ContentRuleRow,
  ContentRuleFields,
  ContentRuleView
> {
  constructor(rules: ContentRulesRepository, changes: ChangeLog) {
    super(rules, changes, {
      name: 'content_rule',
      schema: contentRuleFields,
      ...{ fieldsOf, view },
      references: ({ channelId }) => [{ path: 'channelId', target: 'channel', id: channelId }],
    });
  }
}

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
