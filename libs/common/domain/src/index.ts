export {
  answerFileKind,
  answerFileName,
  attachmentRef,
  endingOf,
  MAX_ANSWER_FILE_BYTES,
  MAX_ANSWER_FILES,
  type AnswerFileKind,
} from './answer-file';
export {
  editionAllowances,
  editions,
  forecastOf,
  leftOf,
  presentationOf,
  type Allowance,
  type Allowances,
  type Edition,
  type Presentation,
  type TextWay,
} from './allowance';
export {
  busyPolicies,
  acknowledgements,
  cardPaces,
  channelStates,
  sessionScopes,
  type BusyPolicy,
  type CardPace,
  type Acknowledgement,
  type CardSettings,
  type ChannelState,
  type ConnectionReport,
  type SessionScope,
} from './channel';
export {
  accessRules,
  choiceSettings,
  isImmediate,
  memberMapping,
  serviceSettings,
  welcomeSettings,
  type AccessRules,
  type ChoiceSettings,
  type MemberMapping,
  type MessageLimits,
  type PeopleRule,
  type ServiceHours,
  type ServiceSettings,
  type WelcomeSettings,
} from './conduct';
export { fileReason, type FileReason } from './file-sentences';
export type {
  ChatRecordEntry,
  ConversationKind,
  InboundMessage,
  MentionedPerson,
  MessagePart,
  QuotedMessage,
  ReplyWebhook,
  Sender,
} from './inbound-message';
export {
  buttonColors,
  MESSAGE_KNOWN_HOURS,
  noticeKinds,
  noticeStates,
  recipientStates,
  type NoticeButton,
  type NoticeContent,
  type NoticeKind,
  type NoticeState,
  type RecipientState,
} from './notice';
export {
  platformEventKinds,
  type PlatformEvent,
  type PlatformEventFacts,
  type PlatformEventKind,
} from './platform-event';
export { type Ask, ASK_PERSON, choiceIn, decisionIn, numbered } from './asking';
export { locales, referenceOf, say, type Locale, type SentenceKey } from './sentences';
export {
  deliveryStates,
  deliveryWays,
  MAX_ATTEMPTS,
  MAX_LOST_ATTEMPTS,
  openTurnStates,
  outcomes,
  terminalStateOf,
  turnStates,
  type DeliveryState,
  type DeliveryWay,
  type Outcome,
  type TurnState,
} from './turn';
