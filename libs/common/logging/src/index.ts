export { Logger, PinoLogger, type LogFields, type LoggerOptions } from './logger';
export { NestLogBridge } from './nest-log-bridge';
export { redacted, redactedText } from './redaction';
