import { randomBytes, randomUUID } from 'node:crypto';

import type { Incarnation, Metrics } from '@common/bootstrap';
import { SecretBox } from '@common/kernel';
import { createDataSource, Database, migrate } from '@common/persistence';
import { ManualClock, OwnStores, RecordingLogger, Rows, standIn } from '@common/testing';

import { AllowanceWatch } from '../src/allowance/allowance-watch.service';
import { UsageRepository } from '../src/allowance/usage.repository';
import { DeliveryRepository } from '../src/delivery/delivery.repository';
import type { SenderConfig } from '../src/sender.config';

const secrets = SecretBox.parse(`k1:${randomBytes(32).toString('base64')}`);
const config = standIn<SenderConfig>({
  SENDER_CALL_TIMEOUT_MS: 4_000,
  SENDER_CALLS_PER_SECOND: 18,
});
const { signal } = new AbortController();

let stores: OwnStores;
let rows: Rows;
let database: Database;

beforeAll(async () => {
  stores = await OwnStores.open(process.env);
  await migrate(stores.databaseUrl);
  rows = new Rows(stores);
  const url = stores.databaseUrl;
  database = new Database(createDataSource({ url, poolSize: 4, applicationName: 'spec' }));
});
afterAll(async () => {
  await database.close();
  await stores.close();
});

/** A channel of an organisation with these allowances. */
async function anOrganization(limits: { calls?: number; messages?: number } = {}) {
  const organizationId = randomUUID();
  await stores.sql(
    `INSERT INTO organization (id, tenant_id, corp_id, name, api_calls_per_month, messages_per_month)
     VALUES ($1, $2, $3, 'Corp', $4, $5)`,
    [organizationId, rows.tenantId, randomUUID(), limits.calls ?? null, limits.messages ?? null],
  );
  const channelId = await rows.aChannel({
    card: { enabled: true, pace: 'balanced' },
    clientSecret: secrets.seal('s'),
  });
  await stores.sql('UPDATE channel SET organization_id = $2 WHERE id = $1', [
    channelId,
    organizationId,
  ]);
  return { organizationId, channelId };
}
const used = (organizationId: string, apiCalls: number, webhookMessages = 0, answers = 0) =>
  new UsageRepository(database).add([
    { tenantId: rows.tenantId, organizationId, apiCalls, webhookMessages, answers },
  ]);
async function claimIn(channelId: string) {
  const { deliveryId } = await rows.aTurn(await rows.aThread(channelId), { state: 'generated' });
  const incarnation = standIn<Incarnation>({
    id: await rows.aProcess(0),
    term: 1,
    mayTakeOver: () => true,
  });
  const deliveries = new DeliveryRepository(database, incarnation, secrets, config);
  return deliveries.claim(rows.tenantId, deliveryId, signal);
}
const noticesOf = (channelId: string) =>
  stores.sql('SELECT code FROM channel_notice WHERE channel_id = $1 ORDER BY code', [channelId]);

describe('monthly allowances', () => {
  it('P7 steps an answer down to what the organisation can afford', async () => {
    const { organizationId, channelId } = await anOrganization({ calls: 1_000_000 });
    expect(await claimIn(channelId)).toMatchObject({ card: { pace: 'balanced' }, asText: false });

    await used(organizationId, 999_995);
    expect(await claimIn(channelId)).toMatchObject({
      asText: true,
      textWays: ['webhook', 'robot'],
    });

    await used(organizationId, 5);
    expect(await claimIn(channelId)).toMatchObject({ asText: true, textWays: ['webhook'] });
    await used(organizationId, 0, 3_000);
    expect(await claimIn(channelId)).toMatchObject({ textWays: [] });
  });

  it('C66 makes no more calls once the platform refused one, until somebody acts', async () => {
    const { organizationId, channelId } = await anOrganization();
    const usages = new UsageRepository(database);

    await usages.refuse(rows.tenantId, channelId, 'api');
    expect(await claimIn(channelId)).toMatchObject({ asText: true, textWays: ['webhook'] });
    expect(await noticesOf(channelId)).toMatchObject([{ code: 'quota_exhausted' }]);

    await stores.sql(
      `UPDATE organization SET updated_at = now() + interval '1 second' WHERE id = $1`,
      [organizationId],
    );
    expect(await claimIn(channelId)).toMatchObject({ asText: false });
  });

  it('C66 knows of the refusal without an organisation too', async () => {
    const channelId = await rows.aChannel({
      card: { enabled: true, pace: 'smooth' },
      clientSecret: secrets.seal('s'),
    });
    expect(await claimIn(channelId)).toMatchObject({ card: { pace: 'smooth' } });
    await new UsageRepository(database).refuse(rows.tenantId, channelId, 'message');
    expect(await claimIn(channelId)).toMatchObject({ asText: false, textWays: ['robot'] });
  });

  it('counts pushes once, whoever looks, and tells administrators at 80, 95 and 100 %', async () => {
    const { organizationId, channelId } = await anOrganization({ calls: 100, messages: 20 });
    await stores.sql(
      `INSERT INTO inbound_event (id, tenant_id, channel_id, kind, received_at, raw)
       SELECT gen_random_uuid(), $1, $2, 'message', now() - interval '10 seconds', '\\x00' FROM generate_series(1, 3)`,
      [rows.tenantId, channelId],
    );
    const usages = new UsageRepository(database);
    const logger = new RecordingLogger();
    const metrics = standIn<Metrics>({ counter: () => ({ inc: () => undefined }) as never });
    const clock = new ManualClock();
    const watch = new AllowanceWatch(usages, clock, logger, metrics);
    const look = async (): Promise<void> => {
      await stores.sql(
        `UPDATE organization_usage SET inbound_until = inbound_until - interval '10 seconds'`,
      );
      await watch.look();
    };
    const said = () =>
      logger.lines
        .filter(({ fields }) => fields['organizationId'] === organizationId)
        .map(({ fields }) => fields['percent']);

    await watch.look();
    await watch.look();
    expect(
      await stores.one(
        'SELECT inbound_messages FROM organization_usage WHERE organization_id = $1',
        [organizationId],
      ),
    ).toEqual({ inbound_messages: '3' });
    expect(said()).toEqual([]);

    await used(organizationId, 80);
    await look();
    await look();
    expect(said()).toEqual([80]);
    expect(await noticesOf(channelId)).toMatchObject([{ code: 'allowance_low' }]);
    await used(organizationId, 20);
    await look();
    expect(said()).toEqual([80, 100]);
    expect(await noticesOf(channelId)).toMatchObject([
      { code: 'allowance_low' },
      { code: 'quota_exhausted' },
    ]);
  });
});
