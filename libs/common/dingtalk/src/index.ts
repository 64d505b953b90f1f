export { CallbackRefusedError, type CallbackRefusal } from './callbacks/callback.errors';
export {
  answerEvent,
  checkWordOf,
  openEvent,
  readEventStamp,
  type EventAnswer,
  type EventKeys,
  type EventStamp,
  type VerifiedEvent,
} from './callbacks/event-envelope';
export { verifyCardHeaders, verifyRobotHeaders } from './callbacks/signed-time';
export { DingTalkClient, type DingTalkClientOptions } from './dingtalk-client';
export { DownloadCodeError, FileGoneError, FileHostRefusedError } from './files/file.errors';
export { DEFAULT_FILE_HOSTS } from './files/file-hosts';
export { MessageFiles, type OpenFile } from './files/message-files.client';
export { EndpointRoutes, type Route } from './http/endpoint-routes';
export { PlatformHttp } from './http/platform-http.client';
export { AccessTokens, type AccessTokensOptions } from './open-api/access-tokens';
export {
  DEFAULT_TIMEOUT_MS,
  type AppCredentials,
  type CallOptions,
} from './open-api/app-credentials';
export type { AppEndpoint } from './open-api/app-endpoint';
export {
  DingTalkCredentialsError,
  DingTalkError,
  DingTalkIpBannedError,
  DingTalkIpNotAllowedError,
  DingTalkQuotaError,
  DingTalkRejectedError,
  DingTalkScopeMissingError,
  DingTalkThrottledError,
  DingTalkTokenRefusedError,
  DingTalkUnavailableError,
  DingTalkUnknownOutcomeError,
  IP_BAN_MS,
  type CallDetails,
  type CallOutcome,
} from './open-api/dingtalk.errors';
export { Directory, type DirectoryPerson } from './open-api/directory.client';
export { MemorySharedTokens } from './open-api/memory-shared-tokens.adapter';
export {
  OpenApi,
  type ApiCall,
  type CallRecord,
  type OpenApiOptions,
} from './open-api/open-api.client';
export { OtherSecrets, type OtherSecret } from './open-api/other-secrets.port';
export { SharedTokens, type SharedToken } from './open-api/shared-tokens.port';
export {
  CardContentTooLargeError,
  CardContentUnsafeError,
  CardNotExistError,
  CardTemplateError,
  CardTemplateMismatchError,
} from './outbound/card.errors';
export {
  askingParams,
  closingParams,
  endedParams,
  openingParams,
  templateOf,
  type CardFamily,
  type CardTemplate,
} from './outbound/card-family';
export {
  Cards,
  type CardDelivery,
  type CardFrame,
  type CardTarget,
  type NewCard,
} from './outbound/cards.client';
export {
  chosenParams,
  NOTICE_TEMPLATE,
  noticeParams,
  type CardButton,
} from './outbound/notice-card';
export { Reactions, type ReactedMessage } from './outbound/reactions.client';
export type { RobotContent } from './outbound/robot-content';
export {
  MAX_USERS_PER_CALL,
  RecipientRejectedError,
  Robots,
  type RobotMessage,
  type SentMessage,
  type SentToMany,
} from './outbound/robots.client';
export { MAX_KEYS_PER_CALL, SentMessages, type Recalled } from './outbound/sent-messages.client';
export {
  WebhookContentTooLargeError,
  WebhookExpiredError,
  Webhooks,
  type WebhookReply,
} from './outbound/webhooks.client';
export { StreamOpenError } from './stream/connection-fault';
export { StreamEndpoint } from './stream/stream-endpoint.client';
export { ChannelStream, type ChannelStreamOptions } from './stream/channel-stream';
export { StreamPulse } from './stream/stream-pulse';
export {
  CARD_ACTION_TOPIC,
  ROBOT_MESSAGE_TOPIC,
  type FrameReply,
  type StreamFrame,
} from './stream/stream-frame';
export { StreamFrameError } from './stream/stream-link';
export { isDataRequest, readCardAction, type CardAction } from './wire/card-action.wire';
export { eventKey, readEvent, type PlatformEvent } from './wire/event.wire';
export { MalformedMessageError } from './wire/malformed-message.error';
export { readRobotMessage } from './wire/robot-message.wire';
