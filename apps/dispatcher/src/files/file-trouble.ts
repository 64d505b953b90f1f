import {
  DingTalkIpBannedError,
  DingTalkQuotaError,
  DingTalkScopeMissingError,
  DownloadCodeError,
  FileGoneError,
  FileHostRefusedError,
} from '@common/dingtalk';
import { ObjectStoreUnavailableError, ObjectTooLargeError } from '@common/files';
import { AppError } from '@common/kernel';
import { OutboundRefusedError } from '@common/outbound';

/** Why a file was not fetched, and whether another try may help. */
export interface FileTrouble {
  readonly code: string;
  /** Null: no. */
  readonly againAfterMs: number | null;
}

const FINAL: readonly (readonly [abstract new (...args: never[]) => Error, string])[] = [
  [DownloadCodeError, 'file_expired'],
  [FileGoneError, 'file_gone'],
  [FileHostRefusedError, 'file_not_allowed'],
  [OutboundRefusedError, 'file_not_allowed'],
  [ObjectTooLargeError, 'file_too_large'],
  [DingTalkScopeMissingError, 'file_not_permitted'],
  [DingTalkQuotaError, 'allowance_used_up'],
  // It lasts longer than anybody waits for an answer.
  [DingTalkIpBannedError, 'file_unreachable'],
];

const SOON_MS = 1_000;

export function troubleOf(error: unknown): FileTrouble {
  const final = FINAL.find(([kind]) => error instanceof kind);
  if (final) return { code: final[1], againAfterMs: null };
  const isStore = error instanceof ObjectStoreUnavailableError;
  const code = isStore ? 'file_not_stored' : 'file_unreachable';
  if (!(error instanceof AppError) || error.retry === 'never') return { code, againAfterMs: null };
  return { code, againAfterMs: error.retry === 'backoff' ? SOON_MS : error.retry.afterMs };
}
