export { AppError, codeOf, type AppErrorOptions, type Retry } from './app-error';
export { Clock } from './clock.port';
export { correlation, type Correlation } from './correlation';
export { fullJitterMs } from './full-jitter';
export { derivedId, isUuid, newId } from './ids';
export { Periodic, type PeriodicOptions } from './periodic';
export { SecretBox, UnknownMasterKeyError } from './secret-box';
export { storableJson, storableText } from './storable-text';
export { SystemClock } from './system-clock';
