import type { ModelAccess, Question } from '../agents/agent.port';
import type { ClaimedTurn } from './claimed-turn';

/** A turn in its first attempt, of an enabled channel with an agent. */
export const aClaimedTurn = (overrides: Partial<ClaimedTurn> = {}): ClaimedTurn => ({
  id: '0193f8e0-0000-7000-8000-000000000001',
  tenantId: '00000000-0000-4000-8000-0000000000aa',
  channelId: '00000000-0000-4000-8000-0000000000dd',
  sessionId: '00000000-0000-4000-8000-0000000000bb',
  seq: 1,
  attempt: 1,
  lostAttempts: 0,
  locale: 'en',
  isCancelRequested: false,
  isChannelEnabled: true,
  agent: { kind: 'llm', instructions: 'Be brief.', timeoutSeconds: null, model: aModel() },
  ...overrides,
});

export const aModel = (overrides: Partial<ModelAccess> = {}): ModelAccess => ({
  id: '00000000-0000-4000-8000-0000000000cc',
  provider: 'openai-compatible',
  baseUrl: 'https://models.example/v1',
  apiKey: null,
  upstreamModel: 'small',
  params: {},
  isTrustedAddress: true,
  ...overrides,
});

export const aQuestion = (overrides: Partial<Question> = {}): Question => ({
  turnId: '0193f8e0-0000-7000-8000-000000000001',
  locale: 'en',
  instructions: 'Be brief.',
  model: aModel(),
  timeoutSeconds: null,
  history: [{ role: 'user', text: 'Hello?' }],
  ...overrides,
});
