import type { ContentPart, ModelMessage } from '../models/model-provider.port';
import type { HistoryMessage, Question } from './agent.port';

/** The words of the session as a model reads them, and the pictures in it (see `forEyes`). */
export const messagesOf = ({ history }: Question): ModelMessage[] =>
  history.map((message) =>
    message.role === 'assistant'
      ? { role: 'assistant', text: message.text }
      : { role: 'user', content: contentOf(message) },
  );

/** The newer half, beginning with a person's words; null when only the question is left. */
export function withoutOldest(messages: readonly ModelMessage[]): ModelMessage[] | null {
  if (messages.length < 2) return null;
  const half = messages.slice(Math.ceil(messages.length / 2));
  const from = half.findIndex(({ role }) => role === 'user');
  return from < 0 ? messages.slice(-1) : half.slice(from);
}

const contentOf = ({ text, images = [] }: HistoryMessage): ContentPart[] => [
  { kind: 'text', text },
  ...images,
];

export const imagesIn = ({ history }: Question) => history.flatMap(({ images = [] }) => images);
