import { allOf, answered, ApiProblemError } from '@carillon/client';

import type { CliContext } from '../cli-context';
import { everyChannel } from '../commands/find-channel';
import { type Check, ill, well } from './check';
import { judgeKeys, judgeQueues, judgeSystem } from './judge-system';

/** Channels that are asked about DingTalk; of more than these, those that are not connected. */
const MAX_TESTED = 20;

/** Looks at everything that can be seen with this key. */
export async function diagnose(
  context: CliContext,
  { withChannels }: { readonly withChannels: boolean },
): Promise<Check[]> {
  const { client } = context;
  const info = await answered(client.GET('/api/v1/system/info'));
  const system = judgeSystem(info, Date.now());
  const keys = await orRefused('master keys', async () => [
    judgeKeys(await answered(client.GET('/api/v1/system/keys'))),
  ]);
  const queues = await orRefused('queues', async () =>
    judgeQueues((await answered(client.GET('/api/v1/queues'))).items),
  );
  const channels = withChannels ? await ofChannels(context) : [];
  return [well('api', `Carillon ${info.version}`), ...system, ...keys, ...queues, ...channels];
}

async function ofChannels(context: CliContext): Promise<Check[]> {
  const enabled = (await allOf(everyChannel(context, 'status'))).filter((one) => one.enabled);
  const states = enabled.map(({ name, status }) => {
    const which = `channel ${name}`;
    if (!status || status.state === 'connected') return well(which, 'connected');
    return ill(which, status.code, status.message, status.userAction ?? '');
  });
  const ailing = enabled.filter(({ status }) => status?.state !== 'connected');
  const tested = enabled.length <= MAX_TESTED ? enabled : ailing.slice(0, MAX_TESTED);
  const checks: Check[] = [];
  for (const { id, name } of tested)
    checks.push(...(await orRefused(`channel ${name}`, () => ofDingTalk(context, id, name))));
  return [...states, ...checks];
}

/** Whether DingTalk is reached and lets us in, and what the app may do there. */
async function ofDingTalk({ client }: CliContext, id: string, name: string): Promise<Check[]> {
  const path = { params: { path: { id } } };
  const { checks } = await answered(
    client.POST('/api/v1/channels/{id}/test', { ...path, body: {} }),
  );
  return checks.map((check) => ({ ...check, name: `channel ${name}: ${check.name}` }));
}

/** What this key may not see is said, and keeps nobody from the rest. */
async function orRefused(name: string, look: () => Promise<Check[]>): Promise<Check[]> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof ApiProblemError)) throw error;
    if (error.status === 403) return [well(name, 'not looked at: this key may not')];
    return [ill(name, error.code, error.message, '')];
  }
}
