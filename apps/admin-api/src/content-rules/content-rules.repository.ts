import { Injectable } from '@nestjs/common';

import { Database } from '@common/persistence';

import { type ColumnValues, type LiveRow, LiveRows } from '../resources/live-rows';
import type { ContentRuleFields } from './content-rules.dto';

export interface ContentRuleRow extends LiveRow {
  name: string;
  channel_id: string | null;
  direction: ContentRuleFields['direction'];
  action: ContentRuleFields['action'];
  words: string[];
  kinds: ContentRuleFields['kinds'];
  enabled: boolean;
}

@Injectable()
export class ContentRulesRepository extends LiveRows<ContentRuleRow, ContentRuleFields> {
  constructor(database: Database) {
    const columns = 'name, channel_id, direction, action, words, kinds, enabled';
    super(database, { name: 'content_rule', columns });
  }

  protected valuesOf(fields: ContentRuleFields): ColumnValues {
    return {
      name: fields.name,
      channel_id: fields.channelId ?? null,
      direction: fields.direction,
      action: fields.action,
      words: fields.words,
      kinds: fields.kinds,
      enabled: fields.enabled,
    };
  }
}
