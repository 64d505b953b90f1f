import { randomUUID } from 'node:crypto';

import fc from 'fast-check';

import { roles } from '../src/auth/role';
import { type Answer, BOOTSTRAP_KEY, RunningAdminApi } from './admin-api.fixture';
import { AnswerJudge } from './walk/answer-judge';
import type { OpenApi } from './walk/openapi';
import { PLACEHOLDER } from './walk/schema-values';
import { type WalkRequest, WalkRequests } from './walk/walk-requests';
import { aWholeTenant } from './whole-tenant.fixture';

const LONG = process.env.LONG === '1';
const REQUESTS = Number(process.env.WALK_REQUESTS ?? (LONG ? 6_000 : 600));
/** Requests at a time: two that write the same must not break each other either. */
const LANES = 4;
/** They call others over the network, or do not end by themselves; the walk has its own specs for that. */
const CALLS_OUT = /\/(models|channels)\/\{id\}\/test$|\/events$/;

describe('the admin API, asked at random by its own document', () => {
  let api: RunningAdminApi;
  let document: OpenApi;
  let keys: (string | null)[];
  /** What is there, by kind. */
  const things = new Map<string, string[]>();

  beforeAll(async () => {
    api = await RunningAdminApi.start({ LOG_LEVEL: 'error' });
    await api.queuesReachable();
    document = (await api.get('/api/openapi.json', { key: null })).body;
    const ours = await aWholeTenant(api, 'ours');
    const theirs = await aWholeTenant(api, 'theirs');
    // Mostly ours: what belongs to others is soon said.
    for (const { ids } of [ours, ours, ours, theirs])
      for (const [kind, id] of Object.entries(ids)) keep(kind, id);
    const own = await Promise.all(
      roles.map((role) =>
        api.created('/api-keys', { name: role, role }, { tenant: ours.tenantId }),
      ),
    );
    keys = [own.at(-1)?.key, ...own.map(({ key }) => key as string), BOOTSTRAP_KEY, null];
  });
  afterAll(() => api.stop());

  const keep = (kind: string, one: string): void => {
    things.set(kind, [...(things.get(kind) ?? []), one]);
  };

  const withThings = (text: string): string =>
    text.replace(PLACEHOLDER, (_, kind: string, n: string) => {
      const known = things.get(decodeURIComponent(kind)) ?? [];
      return known.at(-1 - (Number(n) % Math.max(known.length, 1))) ?? randomUUID();
    });

  /** What was made, and where a list goes on, is asked for later. */
  function learn(path: string, { status, body }: Answer): void {
    const [, , , collection] = path.split('/');
    if (status === 201 && typeof body?.id === 'string') keep(`${collection}.id`, body.id);
    if (typeof body?.nextCursor === 'string') keep(`cursor of ${path}`, body.nextCursor);
  }

  async function faultOf(request: WalkRequest, judge: AnswerJudge): Promise<string | null> {
    const { method, path, url, headers, body, asker } = request;
    const answer = await api.call(method, withThings(url), {
      key: keys[asker % keys.length] ?? null,
      headers,
      ...(body === undefined ? {} : { body: withThings(body) }),
    });
    learn(path, answer);
    return judge.fault(method, path, answer);
  }

  it(`answers ${REQUESTS} requests as the document says, and never with a 5xx`, async () => {
    const seed = Number(process.env.WALK_SEED ?? (LONG ? Date.now() % 1e9 : 20));
    const wanted = (_method: string, path: string) => !CALLS_OUT.test(path);
    const requests = fc.sample(new WalkRequests(document).any(wanted), { numRuns: REQUESTS, seed });
    const judge = new AnswerJudge(document);
    const faults = new Map<string, string>();
    const next = requests.values();
    const lane = async (): Promise<void> => {
      for (const request of next) {
        const fault = await faultOf(request, judge);
        const { method, url, body } = request;
        if (fault !== null)
          faults.set(
            `${method} ${request.path} ${fault.slice(0, 60)}`,
            `${fault}\n  ${url}\n  ${body}`,
          );
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));

    expect([seed, [...faults].map(([where, what]) => `${where}: ${what}`)]).toEqual([seed, []]);
  }, 300_000);
});
