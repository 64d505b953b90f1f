import { allOf, answered, everyItem } from '@carillon/client';

import type { CliContext } from '../cli-context';
import { CliError } from '../cli.errors';
import { exitCodes } from '../exit-codes';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const PAGE = 200;

/** The ids of channels that were named by id, client id or name. */
export async function channelIdsOf(
  context: CliContext,
  names: readonly string[],
): Promise<string[]> {
  if (names.every((name) => UUID.test(name))) return [...names];
  const channels = await allOf(everyChannel(context));
  return names.map((name) => {
    if (UUID.test(name)) return name;
    const found = channels.filter((one) => one.clientId === name || one.name === name);
    if (found.length > 1) throw refused(context.say('severalChannels', { name }));
    const [channel] = found;
    if (!channel) throw refused(context.say('noSuchChannel', { name }));
    return channel.id;
  });
}

export const everyChannel = (context: CliContext, include?: 'status') => {
  const { client } = context;
  return everyItem((cursor) =>
    answered(
      client.GET('/api/v1/channels', {
        params: {
          query: {
            limit: PAGE,
            ...(cursor === undefined ? {} : { cursor }),
            ...(include === undefined ? {} : { include }),
          },
        },
      }),
    ),
  );
};

const refused = (message: string): CliError =>
  new CliError(message, exitCodes.refused, 'no_such_channel');
