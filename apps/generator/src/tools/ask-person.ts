import { ASK_PERSON } from '@common/domain';

import type { Form } from './suspension';
import type { Tool } from './tool';
import { ToolError } from './tool.errors';

const MOST_CHOICES = 10;
const LONGEST_CHOICE = 100;
const LONGEST_QUESTION = 1_000;

/** A question to the person, with choices or without: the turn waits for the answer without holding anything. */
export const askPerson: Tool = {
  spec: {
    name: ASK_PERSON,
    description:
      'Asks the person you talk to one question and waits for the answer. Use it only when you cannot go on without it.',
    inputSchema: {
      type: 'object',
      properties: {
        question: { type: 'string', description: 'One short question' },
        choices: {
          type: 'array',
          items: { type: 'string' },
          maxItems: MOST_CHOICES,
          description: 'Answers to choose from; leave out for an answer in words',
        },
      },
      required: ['question'],
      additionalProperties: false,
    },
  },
  isReadOnly: true,
  asksFirst: true,
  timeoutMs: 5_000,
  formOf,
  run: () => Promise.reject(new ToolError('tool_failed', 'nobody was asked')),
};

function formOf({ question, choices }: Readonly<Record<string, unknown>>): Form {
  if (typeof question !== 'string' || question.trim() === '')
    throw new ToolError('tool_failed', '"question" is missing');
  const offered = Array.isArray(choices) ? choices : [];
  return {
    question: question.trim().slice(0, LONGEST_QUESTION),
    choices: offered
      .slice(0, MOST_CHOICES)
      .map((choice) => String(choice).slice(0, LONGEST_CHOICE)),
  };
}
