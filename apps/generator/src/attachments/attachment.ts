import type { FileReason } from '@common/domain';

/** An item of `message.parts`: words, or a file by its row. */
export type MessageItem =
  | { readonly type: 'text' }
  | {
      readonly type: 'picture' | 'audio' | 'video' | 'file';
      readonly fileId: string;
      /** How the words of the message name it. */
      readonly n: number;
      readonly name: string | null;
    };

/** Something that came with a message, as far as it was fetched. */
export interface Attachment {
  readonly id: string;
  readonly n: number;
  readonly kind: 'picture' | 'audio' | 'video' | 'file';
  readonly name: string | null;
  /** Its bytes are in the store. */
  readonly isStored: boolean;
  /** Why it cannot be read; null: it can. */
  readonly trouble: FileReason | null;
  readonly mediaType: string;
  readonly bytes: number;
  /** The words in it; null: it has none, or cannot be read. */
  readonly text: string | null;
  readonly detail: {
    readonly pages?: number;
    readonly pagesRead?: number;
    readonly isCut?: boolean;
    readonly width?: number;
    readonly height?: number;
  };
  /** @throws ObjectMissingError · ObjectStoreUnavailableError */
  readonly read: () => Promise<Buffer>;
}

/** Formats that all models with eyes take. */
const SEEN = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);
/** As base64 it is a third more, and the strictest provider takes 5 MB. */
const MOST_BYTES = 3_750_000;
const MOST_PIXELS_A_SIDE = 8_000;

/** Why a model with eyes cannot be shown it; null: it can. */
export function pictureTrouble(file: Attachment): FileReason | null {
  if (!file.isStored) return file.trouble ?? 'file_unreachable';
  if (!SEEN.has(file.mediaType)) return 'file_type_unknown';
  const { width = 0, height = 0 } = file.detail;
  const isLarge = file.bytes > MOST_BYTES || Math.max(width, height) > MOST_PIXELS_A_SIDE;
  return isLarge ? 'picture_too_large' : null;
}

/** A picture, however it was sent. */
export const isPicture = ({ kind, mediaType }: Attachment): boolean =>
  kind === 'picture' || mediaType.startsWith('image/');
