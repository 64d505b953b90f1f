import type { Asker } from './asker';

/** A member like any other, who has asked nothing yet. */
export const anAsker = (overrides: Partial<Asker> = {}): Asker => ({
  memberId: '00000000-0000-4000-8000-0000000000dd',
  name: 'Ada',
  isAdmin: false,
  roles: ['member'],
  departments: [],
  locale: 'en',
  agentId: null,
  modelId: null,
  pairing: null,
  wasWelcomed: false,
  taken: { minuteQuestions: 0, minuteCommands: 0, dayQuestions: 0 },
  channelTaken: { minute: 0, day: 0 },
  queued: 0,
  ...overrides,
});
