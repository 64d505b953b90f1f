export { ChannelStream, type ChannelStreamOptions } from './stream/channel-stream';
export {
  CARD_ACTION_TOPIC,
  ROBOT_MESSAGE_TOPIC,
  type FrameReply,
  type StreamFrame,
} from './stream/stream-frame';
export { StreamFrameError } from './stream/stream-link';
export { readCardAction, type CardAction } from './wire/card-action.wire';
export { readEvent, type PlatformEvent } from './wire/event.wire';
export { MalformedMessageError } from './wire/malformed-message.error';
export { readRobotMessage } from './wire/robot-message.wire';
