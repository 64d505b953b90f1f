import type { AppCredentials, CallOptions } from '../open-api/app-credentials';
import type { OpenApi } from '../open-api/open-api.client';
import { asObject } from '../wire/tolerant';

const RECALL_DIRECT = '/v1.0/robot/otoMessages/batchRecall';
const RECALL_GROUP = '/v1.0/robot/groupMessages/recall';
const READ_DIRECT = '/v1.0/robot/oToMessages/readStatus';
const READ_GROUP = '/v1.0/robot/groupMessages/query';
/** Messages of one recall. */
export const MAX_KEYS_PER_CALL = 20;
const MAX_READERS_PER_CALL = 200;

export interface Recalled {
  readonly recalled: readonly string[];
  /** Key → the platform's reason. */
  readonly failed: Readonly<Record<string, string>>;
}

interface OfRobot {
  readonly robotCode: string;
}

/**
 * What can be done about messages of the robot for 24 hours after they were sent (messaging reference §5.6). For a card
 * its `carrierId` is the key. All of it may be repeated.
 */
export class SentMessages {
  constructor(private readonly api: OpenApi) {}

  /** @param keys at most `MAX_KEYS_PER_CALL`; of one group when it is given. @throws DingTalkError */
  async recall(
    app: AppCredentials,
    {
      robotCode,
      keys,
      openConversationId,
    }: OfRobot & { readonly keys: readonly string[]; readonly openConversationId?: string },
    options?: CallOptions,
  ): Promise<Recalled> {
    const path = openConversationId === undefined ? RECALL_DIRECT : RECALL_GROUP;
    const where = openConversationId === undefined ? {} : { openConversationId };
    const body = { robotCode, ...where, processQueryKeys: keys };
    const answer = await this.api.call({ app, method: 'POST', path, body }, options);
    const recalled = Array.isArray(answer['successResult']) ? answer['successResult'] : [];
    const failed = Object.entries(asObject(answer['failedResult']) ?? {});
    return {
      recalled: recalled.map(String),
      failed: Object.fromEntries(failed.map(([key, why]) => [key, String(why).slice(0, 200)])),
    };
  }

  /** Who of those it was sent to has read it. @throws DingTalkError */
  async readersOf(
    app: AppCredentials,
    { robotCode, key }: OfRobot & { readonly key: string },
    options?: CallOptions,
  ): Promise<readonly string[]> {
    const query = new URLSearchParams({ robotCode, processQueryKey: key });
    const what = { app, method: 'GET', path: `${READ_DIRECT}?${query}` } as const;
    const list = (await this.api.call(what, options))['messageReadInfoList'];
    return (Array.isArray(list) ? list : []).flatMap((entry: unknown) => {
      const info = asObject(entry) ?? {};
      return info['readStatus'] === 'READ' ? [String(info['userId'])] : [];
    });
  }

  /** One page of the people of a group who have read it. @throws DingTalkError */
  async readersInGroup(
    app: AppCredentials,
    {
      robotCode,
      key,
      openConversationId,
      nextToken,
    }: OfRobot & {
      readonly key: string;
      readonly openConversationId: string;
      readonly nextToken?: string | undefined;
    },
    options?: CallOptions,
  ): Promise<{ readonly userIds: readonly string[]; readonly nextToken: string | null }> {
    const body = {
      ...{ robotCode, openConversationId, processQueryKey: key, maxResults: MAX_READERS_PER_CALL },
      ...(nextToken === undefined ? {} : { nextToken }),
    };
    const answer = await this.api.call({ app, method: 'POST', path: READ_GROUP, body }, options);
    const ids = Array.isArray(answer['readUserIds']) ? answer['readUserIds'].map(String) : [];
    const next = answer['nextToken'];
    const hasMore = answer['hasMore'] === true && typeof next === 'string' && next !== nextToken;
    return { userIds: ids, nextToken: hasMore ? next : null };
  }
}
