import { AppError, type Retry } from '@common/kernel';

/** The file is tried again after a while; its row says by whom. */
export class FileLaterError extends AppError {
  readonly code = 'file_later';
  readonly retry: Retry;

  constructor(afterMs: number, cause?: unknown) {
    super('the file is fetched later', { cause });
    this.retry = { afterMs };
  }
}
