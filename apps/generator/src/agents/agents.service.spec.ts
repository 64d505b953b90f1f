import { standIn } from '@common/testing';

import { Agents } from './agents.service';
import type { DemoAgent } from './demo-agent';
import type { LlmAgent } from './llm-agent';

const demo = standIn<DemoAgent>({});
const llm = standIn<LlmAgent>({});
const agents = new Agents(demo, llm);

it('runs a model of the demo provider without a model', () => {
  expect(agents.ofKind('demo', null)).toBe(demo);
  expect(agents.ofKind('llm', 'demo')).toBe(demo);
  expect(agents.ofKind('llm', 'openai-compatible')).toBe(llm);
});

it.each(['http', 'dify', 'unknown'])('says that it cannot run agents of kind %s', (kind) => {
  expect(() => agents.ofKind(kind, null)).toThrow(
    expect.objectContaining({ code: 'model_misconfigured' }),
  );
});
