import type { ModelAccess } from './model-access';
import type { ContentPart, ModelMessage } from './model-provider.port';

type Image = Extract<ContentPart, { kind: 'image' }>;

/** A conversation as this model can take it: pictures for those that see, a word in their place for the others. */
export const forEyes = (
  messages: readonly ModelMessage[],
  { seesImages }: ModelAccess,
): readonly ModelMessage[] =>
  seesImages ? messages : eachImage(messages, (image) => unseen(image, 'this model cannot see it'));

/** A conversation to be kept: pictures stay in the store. */
export const withoutPixels = (messages: readonly ModelMessage[]): ModelMessage[] =>
  eachImage(messages, (image) => ({ ...image, base64: '' }));

/** The same with the pictures back in. */
export function withPixels(
  messages: readonly ModelMessage[],
  images: readonly Image[],
): ModelMessage[] {
  const known = new Map(images.map((image) => [image.id, image]));
  return eachImage(messages, (image) =>
    image.base64 === '' ? (known.get(image.id) ?? unseen(image, 'it was shown before')) : image,
  );
}

function eachImage(
  messages: readonly ModelMessage[],
  change: (image: Image) => ContentPart,
): ModelMessage[] {
  return messages.map((message) =>
    message.role === 'user'
      ? {
          ...message,
          content: message.content.map((part) => (part.kind === 'image' ? change(part) : part)),
        }
      : message,
  );
}

const unseen = ({ label = 'a picture' }: Image, why: string): ContentPart => ({
  kind: 'text',
  text: `[${label} is not shown: ${why}]`,
});
