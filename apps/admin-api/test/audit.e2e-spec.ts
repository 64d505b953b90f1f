import { execFile } from 'node:child_process';

import { Database } from '@common/persistence';

import { AuditRetention } from '../src/audit/audit-retention.service';
import { TenantsRepository } from '../src/tenants/tenants.repository';
import { RunningAdminApi } from './admin-api.fixture';
import { aConversation, aTurn, type Conversation } from './conversation.fixture';

describe('the audit log', () => {
  let api: RunningAdminApi;
  let key: string;
  let chat: Conversation;
  const tenant = 'audited';

  beforeAll(async () => {
    api = await RunningAdminApi.start();
    await api.created('/tenants', { name: 'Audited', slug: tenant });
    key = (await api.created('/api-keys', { name: 'Auditor', role: 'admin' }, { tenant })).key;
    chat = await aConversation(api, { tenant });
    await aTurn(api, chat, { state: 'delivered', outcome: 'answered', answer: 'Planted words.' });
  });
  afterAll(() => api.stop());

  const verify = async () => (await api.get('/audit/verify', { key })).body;
  const list = async (query = '') => (await api.get(`/audit${query}`, { key })).body.items;

  it('says who did what from where, before and after, and no secret', async () => {
    const headers = { 'user-agent': 'spec/1', 'x-correlation-id': 'spec-request' };
    await api.patch(`/channels/${chat.channelId}`, { name: 'Renamed' }, { key, headers });

    const [row] = await list(`?action=channel.update&resourceId=${chat.channelId}`);

    expect(row).toMatchObject({
      ...{ action: 'channel.update', resource: 'channel', resourceId: chat.channelId },
      actor: { keyName: 'Auditor', role: 'admin', isPlatform: false },
      ...{ before: { name: 'Support' }, after: { name: 'Renamed', clientSecretSet: true } },
      ...{ ip: '127.0.0.1', userAgent: 'spec/1', correlationId: 'spec-request', erased: false },
    });
    expect((await api.get('/audit/export', { key })).text).not.toContain('planted-client-secret');
  });

  it('notes every read of what people wrote, never the words that were looked for', async () => {
    await api.get(`/sessions/${chat.sessionId}/messages`, { key });
    await api.get(`/messages?q=Planted&channelId=${chat.channelId}`, { key });
    await api.get('/messages/export', { key });
    await api.get('/feedback/export', { key });

    const read = (await list('?limit=4')).map(({ action, resourceId, after }: never) => ({
      ...{ action, resourceId, after },
    }));

    expect(read).toEqual([
      { action: 'feedback.export', resourceId: null, after: {} },
      { action: 'messages.export', resourceId: null, after: {} },
      { action: 'messages.read', resourceId: null, after: { q: '…', channelId: chat.channelId } },
      { action: 'sessions-messages.read', resourceId: chat.sessionId, after: {} },
    ]);
  });

  it('does not wait for a change of the tenant that is under way', async () => {
    await api.use(Database).inTenant(chat.tenantId, async (tx) => {
      await api.use(TenantsRepository).lock(tx, chat.tenantId);
      expect((await api.get('/feedback/export', { key })).status).toBe(200);
    });
  });

  it('is listed newest first, by what was done, by whom and when, and page by page', async () => {
    const [newest] = await list('?limit=1');
    const page = (await api.get('/audit?limit=2', { key })).body;
    const next = (await api.get(`/audit?limit=2&cursor=${page.nextCursor}`, { key })).body;
    const numbers = [...page.items, ...next.items].map(({ seq }: { seq: number }) => seq);

    expect(numbers).toEqual([0, 1, 2, 3].map((n) => newest.seq - n));
    expect((await list('?action=messages.')).length).toBe(2);
    expect((await list('?until=2020-01-01T00:00:00Z')).length).toBe(0);
    expect((await list('?actor=bootstrap')).length).toBeGreaterThan(1);
  });

  it('is exported whole as NDJSON and as CSV', async () => {
    const lines = (await api.get('/audit/export', { key })).text.trim().split('\n');
    const csv = await api.get('/audit/export?format=csv', { key });

    expect(JSON.parse(String(lines.at(-1)))).toMatchObject({ seq: 1 });
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(csv.text.trim().split('\r\n')).toHaveLength(lines.length + 1);
  });

  it('cannot be changed, and is a chain of its own in each tenant', async () => {
    for (const sql of [
      'UPDATE audit_log SET ip = NULL',
      'DELETE FROM audit_log',
      'TRUNCATE audit_log',
    ])
      await expect(api.sql(sql)).rejects.toThrow('the audit log is append-only');
    const { rows } = await verify();
    expect(await verify()).toMatchObject({ whole: true, firstBroken: null, rows, lastSeq: rows });
    await api.channel();
    expect(await verify()).toMatchObject({ whole: true, rows });
  });

  it('stays one chain however many write at a time', async () => {
    const writes = Array.from({ length: 12 }, (_, n) =>
      api.created('/agents', { name: `A${n}`, kind: 'demo' }, { tenant }),
    );
    await Promise.all(writes);

    expect(await verify()).toMatchObject({ whole: true });
  });

  describe('of which somebody changed a row behind our back', () => {
    const column = 'UPDATE audit_log SET %s WHERE tenant_id = $1 AND seq = $2';
    const changes: [string, string, string][] = [
      [
        'a byte of who',
        column.replace('%s', `actor = jsonb_set(actor, '{keyName}', '"Auditos"')`),
        'changed',
      ],
      [
        'a byte of what it became',
        column.replace('%s', `after = after || '{"a": 1}'`),
        'content_changed',
      ],
      [
        'a bit of its hash',
        column.replace('%s', 'hash = set_bit(hash, 7, 1 - get_bit(hash, 7))'),
        'changed',
      ],
      [
        'a bit of its digest',
        column.replace(
          '%s',
          'content_digest = set_bit(content_digest, 7, 1 - get_bit(content_digest, 7))',
        ),
        'changed',
      ],
      ['a microsecond', column.replace('%s', `at = at + interval '1 microsecond'`), 'changed'],
      ['the address', column.replace('%s', `ip = '127.0.0.2'`), 'changed'],
      [
        'its whole content',
        column.replace('%s', 'before = NULL, after = NULL, content_salt = NULL'),
        'content_missing',
      ],
      ['itself: it is gone', 'DELETE FROM audit_log WHERE tenant_id = $1 AND seq = $2', 'missing'],
      [
        'everything after it',
        'DELETE FROM audit_log WHERE tenant_id = $1 AND seq >= $2',
        'cut_off',
      ],
    ];

    it.each(changes)('names it: %s', async (_what, sql, breach) => {
      await api.sql('BEGIN');
      await api.sql('CREATE TABLE kept AS SELECT * FROM audit_log');
      await api.sql('COMMIT');
      await api.sql('ALTER TABLE audit_log DISABLE TRIGGER USER');
      const [row] = await api.sql<{ id: string }>(
        'SELECT id FROM audit_log WHERE tenant_id = $1 AND seq = 5',
        [chat.tenantId],
      );
      await api.sql(sql, [chat.tenantId, 5]);
      const isGone = ['missing', 'cut_off'].includes(breach);

      expect(await verify()).toMatchObject({
        whole: false,
        firstBroken: { seq: 5, id: isGone ? null : row?.id, breach },
      });

      await api.sql('DELETE FROM audit_log');
      await api.sql('INSERT INTO audit_log OVERRIDING SYSTEM VALUE SELECT * FROM kept');
      await api.sql('DROP TABLE kept');
      await api.sql('ALTER TABLE audit_log ENABLE TRIGGER USER');
      expect(await verify()).toMatchObject({ whole: true });
    });
  });

  it('lets go of what the tenant no longer keeps, and its chain then begins later', async () => {
    const before = await verify();
    await api.patch(`/tenants/${chat.tenantId}`, { auditRetentionDays: 30 });
    await api.sql('ALTER TABLE audit_log DISABLE TRIGGER USER');
    await api.sql(
      `UPDATE audit_log SET at = at - interval '31 days' WHERE tenant_id = $1 AND seq <= 6`,
      [chat.tenantId],
    );
    await api.sql('ALTER TABLE audit_log ENABLE TRIGGER USER');

    await api.use(AuditRetention).run(new AbortController().signal);

    expect(await verify()).toMatchObject({ whole: true, firstSeq: 7, lastSeq: before.lastSeq + 1 });
    const [row] = await list('?limit=1');
    expect(row).toMatchObject({ action: 'audit.expire', after: { firstSeq: 7 } });
    await api.sql(
      `UPDATE audit_head SET first_seq = 8, anchor = (SELECT hash FROM audit_log WHERE tenant_id = $1 AND seq = 7)
      WHERE tenant_id = $1`,
      [chat.tenantId],
    );
    expect((await verify()).firstBroken).toMatchObject({ seq: 8, breach: 'wrong_beginning' });
  });

  it('is verified by a command, too, which names the first broken row', async () => {
    const run = await command(api.config.DATABASE_URL.reveal(), tenant);
    expect(run).toEqual({ code: 1, text: expect.stringContaining('audited: broken at row 8') });
    const fine = await command(api.config.DATABASE_URL.reveal(), 'default');
    expect(fine).toEqual({ code: 0, text: expect.stringMatching(/^default: whole, \d+ rows/) });
  });
});

function command(databaseUrl: string, slug: string): Promise<{ code: number; text: string }> {
  const main = 'dist/apps/admin-api/src/audit/verify-audit.main.js';
  return new Promise((resolve) =>
    execFile(
      process.execPath,
      [main, slug],
      { env: { DATABASE_URL: databaseUrl } },
      (error, text) => resolve({ code: Number(error?.code ?? 0), text }),
    ),
  );
}
