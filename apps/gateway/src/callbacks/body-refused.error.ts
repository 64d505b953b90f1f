import { AppError } from '@common/kernel';

export type BodyRefusal = 'too_large' | 'too_slow' | 'too_many' | 'cut_off';

/** 400 for one that was cut off reaches nobody; it is there for the record. */
const STATUS: Record<BodyRefusal, number> = {
  too_large: 413,
  too_slow: 408,
  too_many: 503,
  cut_off: 400,
};

/** A body that was not read to its end. */
export class BodyRefusedError extends AppError {
  readonly code = 'callback_body_refused';
  readonly retry = 'never';
  readonly status: number;

  constructor(readonly why: BodyRefusal) {
    super(`body refused: ${why}`);
    this.status = STATUS[why];
  }
}
