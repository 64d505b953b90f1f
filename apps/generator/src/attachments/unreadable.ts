import type { FileReason } from '@common/domain';

import type { ClaimedAgent } from '../generation/claimed-turn';
import type { AttachedMessage } from './attached-history';
import { type Attachment, isPicture, pictureTrouble } from './attachment';

/**
 * Why there is nothing to answer: a question that is nothing but pictures and files, none of which this agent can make
 * anything of. Null: it can be asked. The person is told; no model is.
 */
export function unreadable(
  question: AttachedMessage | undefined,
  agent: ClaimedAgent,
): FileReason | null {
  const { parts = [], attachments = [], pictures = [] } = question ?? {};
  const isWordless = parts.length > 0 && parts.every(({ type }) => type !== 'text');
  if (!isWordless) return null;
  if (agent.kind === 'http' || agent.kind === 'dify')
    return attachments.some(({ isStored }) => isStored) ? null : reasonOf(attachments);
  const hasWords = attachments.some(({ text }) => text !== null);
  // What a fallback sees is found out when it is asked.
  const isSeen = agent.model?.seesImages === true || agent.fallbackModelId !== null;
  if (hasWords || (isSeen && pictures.length > 0)) return null;
  return pictures.length > 0 ? 'picture_unseen' : reasonOf(attachments);
}

function reasonOf([first]: readonly Attachment[]): FileReason {
  if (!first) return 'file_expired';
  const ofPicture = isPicture(first) ? pictureTrouble(first) : null;
  return first.trouble ?? ofPicture ?? 'file_type_unknown';
}
