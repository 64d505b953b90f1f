import type { AppCredentials, CallOptions } from '../open-api/app-credentials';
import type { OpenApi } from '../open-api/open-api.client';

/** The message of a person that a reaction is attached to. */
export interface ReactedMessage {
  readonly robotCode: string;
  /** The platform's id of the message. */
  readonly messageId: string;
  readonly conversationId: string;
}

const ATTACH = '/v1.0/robot/emotion/reply';
const RECALL = '/v1.0/robot/emotion/recall';
/** The only "thinking" that is known to work; id and words belong together, so that there is no English one. */
const NAME = '🤔思考中';
const THINKING = {
  emotionType: 2,
  emotionName: NAME,
  textEmotion: { emotionId: '2659900', emotionName: NAME, text: NAME, backgroundId: 'im_bg_1' },
};

/**
 * "Thinking" on a person's message (messaging reference §5.7). Undocumented: nothing may depend on it. Right after a
 * message came the platform may not find it yet and says `system.err`. Both calls may be repeated.
 */
export class Reactions {
  static readonly attachPath = ATTACH;
  static readonly recallPath = RECALL;

  constructor(private readonly api: OpenApi) {}

  /** @throws DingTalkError */
  async attach(app: AppCredentials, to: ReactedMessage, options?: CallOptions): Promise<void> {
    await this.call(ATTACH, app, to, options);
  }

  /** @throws DingTalkError */
  async recall(app: AppCredentials, from: ReactedMessage, options?: CallOptions): Promise<void> {
    await this.call(RECALL, app, from, options);
  }

  private async call(
    path: string,
    app: AppCredentials,
    { robotCode, messageId, conversationId }: ReactedMessage,
    options?: CallOptions,
  ): Promise<void> {
    const where = { robotCode, openMsgId: messageId, openConversationId: conversationId };
    await this.api.call({ app, method: 'POST', path, body: { ...where, ...THINKING } }, options);
  }
}
