import { Injectable } from '@nestjs/common';

import type { FileReason } from '@common/domain';
import { ObjectMissingError, ObjectStore } from '@common/files';
import { Database } from '@common/persistence';

import type { Attachment } from './attachment';

/** Larger ones were not stored. */
const MOST_BYTES = 200 * 1024 * 1024;

interface FileRow {
  id: string;
  kind: Attachment['kind'];
  n: number;
  name: string | null;
  state: 'wanted' | 'stored' | 'failed' | 'unwanted' | 'erased';
  error_code: FileReason | null;
  media_type: string | null;
  bytes: string | null;
  object_key: string | null;
  text: string | null;
  detail: Attachment['detail'] | null;
}

/** A file, and whether anything of it may still come. */
export interface FoundFile {
  readonly id: string;
  readonly isSettled: boolean;
  readonly attachment: Attachment;
}

/** Files of messages, as the dispatcher fetched them. */
@Injectable()
export class AttachmentRepository {
  constructor(
    private readonly database: Database,
    private readonly store: ObjectStore,
  ) {}

  /** Those of these ids that there are. */
  async find(tenantId: string, ids: readonly string[]): Promise<FoundFile[]> {
    const rows = await this.database.inTenantOnce<FileRow>(
      tenantId,
      { name: 'attachments.find', text: FIND },
      [tenantId, ids],
    );
    return rows.map((row) => ({
      id: row.id,
      isSettled: row.state !== 'wanted',
      attachment: this.toAttachment(row),
    }));
  }

  /** Whether any of them is still being fetched. */
  async areAnyWanted(tenantId: string, ids: readonly string[]): Promise<boolean> {
    const rows = await this.database.inTenantOnce(
      tenantId,
      { name: 'attachments.wanted', text: WANTED },
      [tenantId, ids],
    );
    return rows.length > 0;
  }

  private toAttachment(row: FileRow): Attachment {
    const { object_key: key } = row;
    return {
      ...{ id: row.id, n: row.n, kind: row.kind, name: row.name, isStored: key !== null },
      trouble: troubleOf(row),
      mediaType: row.media_type ?? 'application/octet-stream',
      bytes: Number(row.bytes ?? 0),
      text: row.text,
      detail: row.detail ?? {},
      read: () =>
        key === null ? Promise.reject(new ObjectMissingError()) : this.store.read(key, MOST_BYTES),
    };
  }
}

function troubleOf({ state, error_code: code }: FileRow): FileReason | null {
  if (state === 'wanted') return 'file_late';
  if (state === 'unwanted') return 'file_unwanted';
  if (state === 'erased') return 'file_expired';
  return state === 'failed' ? (code ?? 'file_unreachable') : code;
}

const FIND = `
SELECT id, kind, n, name, state, error_code, media_type, bytes, object_key, text, detail
  FROM file WHERE tenant_id = $1 AND id = ANY($2)`;

const WANTED = `SELECT 1 FROM file WHERE tenant_id = $1 AND id = ANY($2) AND state = 'wanted' LIMIT 1`;
