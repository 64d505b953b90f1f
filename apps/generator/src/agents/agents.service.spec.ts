import { standIn } from '@common/testing';

import { aModel } from '../generation/claimed-turn.fixture';
import { Agents } from './agents.service';
import type { DemoAgent } from './demo-agent';
import type { DifyAgent } from './dify-agent';
import type { HttpAgent } from './http-agent';
import type { LlmAgent } from './llm-agent';

const demo = standIn<DemoAgent>({});
const llm = standIn<LlmAgent>({});
const agents = new Agents(demo, llm, standIn<HttpAgent>({}), standIn<DifyAgent>({}));

it('runs a model of the demo provider without a model', () => {
  expect(agents.ofKind({ kind: 'demo', model: null })).toBe(demo);
  expect(agents.ofKind({ kind: 'llm', model: aModel({ provider: 'demo' }) })).toBe(demo);
  expect(agents.ofKind({ kind: 'llm', model: aModel() })).toBe(llm);
});

it.each(['unknown'])('says that it cannot run agents of kind %s', (kind) => {
  expect(() => agents.ofKind({ kind, model: null })).toThrow(
    expect.objectContaining({ code: 'model_misconfigured' }),
  );
});
