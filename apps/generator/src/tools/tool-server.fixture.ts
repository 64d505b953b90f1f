import type { ToolServer } from './tool-server';

export const aToolServer = (overrides: Partial<ToolServer> = {}): ToolServer => ({
  id: '00000000-0000-4000-8000-000000000077',
  tenantId: '00000000-0000-4000-8000-0000000000aa',
  revision: 1,
  name: 'every',
  transport: 'stdio',
  url: null,
  headers: null,
  command: 'everything',
  isTrustedAddress: true,
  allowedTools: null,
  askFirst: [],
  readOnly: [],
  timeoutMs: 10_000,
  ...overrides,
});
