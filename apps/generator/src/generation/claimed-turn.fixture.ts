import type { Question } from '../agents/agent.port';
import { UsageTally } from '../agents/usage-tally';
import type { ModelAccess } from '../models/model-access';
import type { ClaimedAgent, ClaimedTurn } from './claimed-turn';

/** A turn in its first attempt, of an enabled channel with an agent. */
export const aClaimedTurn = (overrides: Partial<ClaimedTurn> = {}): ClaimedTurn => ({
  id: '0193f8e0-0000-7000-8000-000000000001',
  tenantId: '00000000-0000-4000-8000-0000000000aa',
  channelId: '00000000-0000-4000-8000-0000000000dd',
  memberId: '00000000-0000-4000-8000-0000000000ee',
  isDirect: true,
  sessionId: '00000000-0000-4000-8000-0000000000bb',
  seq: 1,
  attempt: 1,
  lostAttempts: 0,
  locale: 'en',
  isCancelRequested: false,
  isChannelEnabled: true,
  hasBudgets: true,
  pause: null,
  agent: aClaimedAgent(),
  ...overrides,
});

export const aClaimedAgent = (overrides: Partial<ClaimedAgent> = {}): ClaimedAgent => ({
  id: '00000000-0000-4000-8000-0000000000ff',
  kind: 'llm',
  instructions: 'Be brief.',
  timeoutSeconds: null,
  maxSteps: null,
  tools: [],
  showsReasoning: false,
  endpoint: null,
  model: aModel(),
  fallbackModelId: null,
  ...overrides,
});

export const aModel = (overrides: Partial<ModelAccess> = {}): ModelAccess => ({
  id: '00000000-0000-4000-8000-0000000000cc',
  provider: 'openai-compatible',
  baseUrl: 'https://models.example/v1',
  apiKey: null,
  upstreamModel: 'small',
  headers: null,
  proxy: null,
  params: {},
  timeouts: {},
  prices: {},
  contextTokens: null,
  seesImages: false,
  isTrustedAddress: true,
  ...overrides,
});

export const aQuestion = (overrides: Partial<Question> = {}): Question => ({
  turnId: '0193f8e0-0000-7000-8000-000000000001',
  locale: 'en',
  instructions: 'Be brief.',
  model: aModel(),
  fallback: () => Promise.resolve(null),
  prefersFallback: false,
  timeoutSeconds: null,
  showsReasoning: false,
  tools: null,
  outside: null,
  pause: null,
  tally: new UsageTally(),
  history: [{ role: 'user', text: 'Hello?' }],
  ...overrides,
});
