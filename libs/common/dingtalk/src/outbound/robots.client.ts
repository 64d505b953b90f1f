import type { AppCredentials, CallOptions } from '../open-api/app-credentials';
import {
  type CallDetails,
  DingTalkError,
  DingTalkThrottledError,
} from '../open-api/dingtalk.errors';
import type { OpenApi } from '../open-api/open-api.client';
import { type RobotContent, wireOf } from './robot-content';

const TO_USER = '/v1.0/robot/oToMessages/batchSend';
const TO_GROUP = '/v1.0/robot/groupMessages/send';
/** Flow control of one person's inbox. */
const AFTER_FLOW_CONTROL_MS = 5_000;
/** People of one call (§5.3). */
export const MAX_USERS_PER_CALL = 20;

/** The platform knows nobody by this user id, or the robot may not write to them. */
export class RecipientRejectedError extends DingTalkError {
  readonly code = 'recipient_rejected';
  readonly outcome = 'refused';
  readonly retry = 'never';

  constructor(call: CallDetails) {
    super('DingTalk does not deliver to this person', call);
  }
}

export interface RobotMessage {
  readonly robotCode: string;
  readonly content: RobotContent;
}

export interface SentMessage {
  /** Names the message for recall and read status; null when the platform gave none. */
  readonly processQueryKey: string | null;
}

/** One call to several people: whoever is in neither list has it. */
export interface SentToMany extends SentMessage {
  /** Nobody known by these ids. */
  readonly invalid: readonly string[];
  /** Not now: the platform wants them left alone for a while. */
  readonly flowControlled: readonly string[];
}

/** Messages of the robot without a question before (messaging reference §5.3, §5.4). Not idempotent. */
export class Robots {
  constructor(private readonly api: OpenApi) {}

  /**
   * @throws RecipientRejectedError · DingTalkThrottledError · DingTalkError; HTTP 200 may hide the first two (C63)
   */
  async sendToUser(
    app: AppCredentials,
    { userId, ...message }: RobotMessage & { readonly userId: string },
    options?: CallOptions,
  ): Promise<SentMessage> {
    const many = { ...message, userIds: [userId] };
    const { invalid, flowControlled, ...sent } = await this.sendToUsers(app, many, options);
    if (invalid.length > 0) throw new RecipientRejectedError({ api: TO_USER });
    if (flowControlled.length > 0)
      throw new DingTalkThrottledError({ api: TO_USER }, AFTER_FLOW_CONTROL_MS, 'recipient');
    return sent;
  }

  /** @param userIds at most `MAX_USERS_PER_CALL`. @throws RecipientRejectedError · DingTalkError */
  async sendToUsers(
    app: AppCredentials,
    { robotCode, content, userIds }: RobotMessage & { readonly userIds: readonly string[] },
    options?: CallOptions,
  ): Promise<SentToMany> {
    const body = { robotCode, ...wireOf(content), userIds };
    const answer = await this.send(app, TO_USER, body, options);
    return {
      ...sentOf(answer),
      invalid: idsIn(answer['invalidStaffIdList']),
      flowControlled: idsIn(answer['flowControlledStaffIdList']),
    };
  }

  /** Mentions are not possible here. @throws DingTalkError */
  async sendToGroup(
    app: AppCredentials,
    {
      robotCode,
      content,
      openConversationId,
    }: RobotMessage & { readonly openConversationId: string },
    options?: CallOptions,
  ): Promise<SentMessage> {
    const body = { robotCode, ...wireOf(content), openConversationId };
    return sentOf(await this.send(app, TO_GROUP, body, options));
  }

  private async send(app: AppCredentials, path: string, body: object, options?: CallOptions) {
    try {
      return await this.api.call({ app, method: 'POST', path, body }, options);
    } catch (error) {
      if (error instanceof DingTalkError && error.platformCode === 'staffId.notExisted')
        throw new RecipientRejectedError(error.call);
      throw error;
    }
  }
}

const idsIn = (list: unknown): string[] => (Array.isArray(list) ? list.map(String) : []);

const sentOf = ({ processQueryKey }: Readonly<Record<string, unknown>>): SentMessage => ({
  processQueryKey: typeof processQueryKey === 'string' ? processQueryKey : null,
});
