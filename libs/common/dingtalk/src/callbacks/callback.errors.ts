import { AppError } from '@common/kernel';

export type CallbackRefusal =
  | 'signature_missing'
  | 'signature_wrong'
  | 'outside_window'
  | 'undecryptable'
  | 'length_mismatch'
  | 'owner_mismatch'
  | 'corp_mismatch';

/** The numbers that the platform's own libraries give (enterprise reference §D.5). */
const PLATFORM_CODES: Partial<Record<CallbackRefusal, number>> = {
  signature_wrong: 900_005,
  undecryptable: 900_008,
  length_mismatch: 900_009,
  owner_mismatch: 900_010,
};

/** A callback that is not from the platform, or not for this channel. Whoever sent it learns nothing of why. */
export class CallbackRefusedError extends AppError {
  readonly code = 'callback_refused';
  readonly retry = 'never';

  constructor(readonly why: CallbackRefusal) {
    super(`callback refused: ${why}`, { details: { why, platformCode: PLATFORM_CODES[why] } });
  }
}
