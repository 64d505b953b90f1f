import type { AppCredentials, CallOptions } from '../open-api/app-credentials';
import {
  type CallDetails,
  DingTalkError,
  DingTalkThrottledError,
} from '../open-api/dingtalk.errors';
import type { OpenApi } from '../open-api/open-api.client';

const TO_USER = '/v1.0/robot/oToMessages/batchSend';
const TO_GROUP = '/v1.0/robot/groupMessages/send';
/** Flow control of one person's inbox. */
const AFTER_FLOW_CONTROL_MS = 5_000;

/** The platform knows nobody by this user id, or the robot may not write to them. */
export class RecipientRejectedError extends DingTalkError {
  readonly code = 'recipient_rejected';
  readonly outcome = 'refused';
  readonly retry = 'never';

  constructor(call: CallDetails) {
    super('DingTalk does not deliver to this person', call);
  }
}

export interface RobotText {
  readonly robotCode: string;
  /** What the list of conversations shows. */
  readonly title: string;
  /** Markdown. Title and text together, as escaped JSON, must stay below 15 000 bytes (messaging reference §5.8). */
  readonly text: string;
}

export interface SentMessage {
  /** Names the message for recall and read status; null when the platform gave none. */
  readonly processQueryKey: string | null;
}

/** Markdown messages of the robot without a question before (messaging reference §5.3, §5.4). Not idempotent. */
export class Robots {
  constructor(private readonly api: OpenApi) {}

  /**
   * @throws RecipientRejectedError · DingTalkThrottledError · DingTalkError; HTTP 200 may hide the first two (C63)
   */
  async sendToUser(
    app: AppCredentials,
    { userId, ...message }: RobotText & { readonly userId: string },
    options?: CallOptions,
  ): Promise<SentMessage> {
    const answer = await this.send(
      app,
      TO_USER,
      { ...bodyOf(message), userIds: [userId] },
      options,
    );
    if (isFilled(answer['invalidStaffIdList'])) throw new RecipientRejectedError({ api: TO_USER });
    if (isFilled(answer['flowControlledStaffIdList']))
      throw new DingTalkThrottledError({ api: TO_USER }, AFTER_FLOW_CONTROL_MS, 'recipient');
    return sentOf(answer);
  }

  /** Mentions are not possible here. @throws DingTalkError */
  async sendToGroup(
    app: AppCredentials,
    { openConversationId, ...message }: RobotText & { readonly openConversationId: string },
    options?: CallOptions,
  ): Promise<SentMessage> {
    return sentOf(
      await this.send(app, TO_GROUP, { ...bodyOf(message), openConversationId }, options),
    );
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

const bodyOf = ({ robotCode, title, text }: RobotText): object => ({
  robotCode,
  msgKey: 'sampleMarkdown',
  // Well-formed before it becomes a string inside a string: later nobody could mend it.
  msgParam: JSON.stringify({ title: title.toWellFormed(), text: text.toWellFormed() }),
});

const isFilled = (list: unknown): boolean => Array.isArray(list) && list.length > 0;

const sentOf = ({ processQueryKey }: Readonly<Record<string, unknown>>): SentMessage => ({
  processQueryKey: typeof processQueryKey === 'string' ? processQueryKey : null,
});
