import { isDeepStrictEqual } from 'node:util';

import { Injectable } from '@nestjs/common';

import { SecretBox } from '@common/kernel';
import { Database } from '@common/persistence';

import type { Item, ItemChange, Section } from './manifest.dto';
import { kinds } from './kinds';

const LIVE = 'tenant_id = $1 AND id = $2 AND deleted_at IS NULL';
const SEALED: Readonly<Record<Section, string>> = {
  models: `SELECT api_key AS "apiKey", headers, proxy AS "proxyUrl" FROM model WHERE ${LIVE}`,
  toolServers: `SELECT headers FROM tool_server WHERE ${LIVE}`,
  agents: `SELECT v.endpoint_secret AS secret FROM agent a JOIN agent_version v ON v.id = a.current_version_id
    WHERE a.tenant_id = $1 AND a.id = $2 AND a.deleted_at IS NULL`,
  channels: `SELECT client_secret AS "clientSecret", callback FROM channel WHERE ${LIVE}`,
};
const OBJECTS = ['headers', 'callback'];

/** Whether a secret that a document brings is another one than what is stored, so that applying it twice changes nothing. */
@Injectable()
export class StoredSecrets {
  constructor(
    private readonly database: Database,
    private readonly box: SecretBox,
  ) {}

  /** @param id null: the resource is not there yet */
  async changes(
    tenantId: string,
    section: Section,
    id: string | null,
    item: Item,
  ): Promise<ItemChange[]> {
    const given = kinds[section].secrets.filter((field) => item[field] !== undefined);
    if (given.length === 0) return [];
    const [row = {}] =
      id === null
        ? []
        : await this.database.inTenantOnce<Record<string, Buffer | null>>(
            tenantId,
            SEALED[section],
            [tenantId, id],
          );
    return given
      .filter((field) => !this.isStored(field, row[field] ?? null, item[field]))
      .map((path) => ({
        path,
        before: row[path] ? 'set' : null,
        after: item[path] === null ? null : 'set',
      }));
  }

  private isStored(field: string, sealed: Buffer | null, given: unknown): boolean {
    if (sealed === null || given === null) return sealed === null && given === null;
    const text = this.box.openText(sealed);
    if (!OBJECTS.includes(field)) return text === given;
    const stored = JSON.parse(text) as Record<string, unknown>;
    // Of a callback half may be given; headers are replaced as a whole.
    return isDeepStrictEqual(
      field === 'callback' ? { ...stored, ...(given as object) } : given,
      stored,
    );
  }
}
