export { type AuditBreach, type AuditVerdict, verifyAudit } from './audit/verify-audit';
export { checkMasterKeys, MissingMasterKeyError, noteMasterKey } from './keys/check-master-keys';
export { type KeyReport, type KeyUse, Resealer } from './keys/resealer';
export { SEALED_COLUMNS } from './keys/sealed-columns';
export { binaryArray } from './binary-arrays';
export { createDataSource } from './data-source';
export { Database, type AcrossReason, type Statement, type Tx } from './database';
export { DEFAULT_TENANT_ID, migrate } from './migrate';
export {
  DatabaseUnavailableError,
  isDatabaseAway,
  isPassingFailure,
  sqlStateOf,
} from './persistence.errors';
export { keepFeedback, type Feedback } from './feedback';
export { passesRowSecurity } from './row-security';
export { judgeSchema, type SchemaVerdict } from './schema-gate';
export { promoteSecret, type TakenSecret } from './secret-rotation';
export { SCHEMA_VERSION } from './schema-version';
export { decideToolCall, type PersonsWord } from './tool-confirmation';
export { reaskTurn, type Reasked } from './turn-reask';
export { askTurnToStop, endQueuedTurn, type StoppedBy } from './turn-stop';
export { activateNext, workOf, type DeliveryTarget, type Work } from './work';
export { whileAway } from './while-away';
export { allowancesOf, type AllowanceRow, spendableOf } from './allowance-row';
