import { isUuid } from '@common/kernel';

import { reaches, type Role, roles } from '../src/auth/role';
import { type Answer, RunningAdminApi } from './admin-api.fixture';
import { bodies, open, type Rule, rules } from './authorisation.rules';
import { aWholeTenant, type WholeTenant } from './whole-tenant.fixture';

interface Route {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly neededRole: unknown;
  readonly isPlatformOnly: boolean;
  readonly isOpen: boolean;
}
interface Asker {
  readonly role: Role;
  readonly isPlatform: boolean;
  readonly key: string;
}

/** Whoever listens is told what was, and let go. */
const queries: Readonly<Record<string, string>> = { '/events': '?for=0' };

/** What takes something away comes last, parts before the whole, so that everybody before it finds it. */
const inOrder = ({ method, path }: Route): number => (method === 'DELETE' ? 100 - path.length : 0);

describe('who may do what', () => {
  let api: RunningAdminApi;
  let routes: Route[];
  let ours: WholeTenant;
  let theirs: WholeTenant;
  let askers: Asker[];

  beforeAll(async () => {
    api = await RunningAdminApi.start();
    await api.queuesReachable();
    const all = await routesOf(api);
    expect(all.filter(({ isOpen }) => isOpen).map(({ name }) => name)).toEqual(open);
    routes = all.filter(({ isOpen }) => !isOpen);
    ours = await aWholeTenant(api, 'ours');
    theirs = await aWholeTenant(api, 'theirs');
    askers = [];
    for (const role of roles)
      for (const isPlatform of [false, true])
        askers.push({ role, isPlatform, key: await aKey(role, isPlatform) });
  });
  afterAll(() => api.stop());

  async function aKey(role: Role, isPlatform: boolean, more: object = {}): Promise<string> {
    const scope = isPlatform ? 'platform' : 'tenant';
    const body = { name: `${scope} ${role}`, role, scope, ...more };
    return (await api.created('/api-keys', body, { tenant: ours.tenantId })).key as string;
  }

  const ask = (route: Route, whose: WholeTenant, key: string | null): Promise<Answer> =>
    api.call(route.method, filled(route.path, whose) + (queries[route.path] ?? ''), {
      key,
      tenant: ours.tenantId,
      ...(route.method === 'GET' ? {} : { body: bodies[route.name] ?? {} }),
    });

  it('is said for every route of the document, and for no other', () => {
    expect(routes.map(({ name }) => name).sort()).toEqual([...rules.keys()].sort());
  });

  it('is what the document says', () => {
    for (const { name, neededRole, isPlatformOnly } of routes)
      expect([name, { role: neededRole, isPlatformOnly }]).toEqual([name, rules.get(name)]);
  });

  it('is nothing without a key, or with one that is unknown, expired or revoked', async () => {
    const expired = await aKey('owner', true, { expiresAt: '2020-01-01T00:00:00Z' });
    const revoked = await api.created('/api-keys', { name: 'R', role: 'owner' });
    await api.delete(`/api-keys/${revoked.id}`);
    for (const key of [null, 'cak_nobody-knows-this-one', expired, revoked.key as string])
      for (const route of routes) {
        const answer = await ask(route, ours, key);
        expect([route.name, answer.status, answer.body?.code]).toEqual([
          route.name,
          401,
          'unauthorized',
        ]);
      }
  });

  it('is kept from lesser roles, and from tenants where it is the platform’s', async () => {
    for (const route of routes)
      for (const asker of askers.filter((one) => !isAllowed(one, rules.get(route.name)))) {
        const answer = await ask(route, ours, asker.key);
        const code = reaches(asker.role, rules.get(route.name)?.role ?? 'owner')
          ? 'platform_key_required'
          : 'forbidden';
        expect([route.name, asker.role, answer.status, answer.body?.code]).toEqual([
          ...[route.name, asker.role, 403, code],
        ]);
      }
  });

  it('never reaches another tenant: whatever is theirs is not there', async () => {
    for (const route of routes.filter(({ path }) => isOfTenant(path)))
      for (const asker of askers.filter((one) => isAllowed(one, rules.get(route.name)))) {
        // The platform's own keys may look at every tenant, by its id.
        if (asker.isPlatform && route.path.startsWith('/tenants/')) continue;
        const answer = await ask(route, theirs, asker.key);
        expect([route.name, asker.role, answer.status, answer.body?.code]).toEqual([
          ...[route.name, asker.role, 404, 'not_found'],
        ]);
      }
  });

  it('is given to everybody whose role reaches it', async () => {
    for (const route of routes.toSorted((a, b) => inOrder(a) - inOrder(b))) {
      const allowed = askers.filter((one) => isAllowed(one, rules.get(route.name)));
      for (const [n, asker] of allowed.entries()) {
        const { status, text } = await ask(route, ours, asker.key);
        const isGone = route.method === 'DELETE' && n > 0 && status === 404;
        const isGiven = status < 500 && ![401, 403, 404].includes(status);
        expect([route.name, asker.role, isGone || isGiven, text]).toEqual([
          ...[route.name, asker.role, true, text],
        ]);
        if (route.method === 'GET') expect([route.name, status]).toEqual([route.name, 200]);
      }
    }
  });

  it('shows nobody of a tenant a single id of another', async () => {
    const { key } = askers.find(({ role, isPlatform }) => role === 'owner' && !isPlatform) as Asker;
    // Names of queues and numbers of versions are nobody's.
    const foreign = Object.values(theirs.ids).filter(isUuid);
    for (const route of routes.filter(({ method }) => method === 'GET')) {
      const { text } = await ask(route, ours, key);
      expect([route.name, foreign.filter((id) => text.includes(id))]).toEqual([route.name, []]);
    }
  });
});

const isAllowed = ({ role, isPlatform }: Asker, rule: Rule | undefined): boolean =>
  rule !== undefined && reaches(role, rule.role) && (isPlatform || !rule.isPlatformOnly);

/** Queues belong to the installation. */
const isOfTenant = (path: string): boolean => path.includes('{') && !path.startsWith('/queues/');

function filled(path: string, { ids }: WholeTenant): string {
  const [, collection] = path.split('/');
  return path.replace(/\{(\w+)\}/g, (_, parameter: string) => {
    const id = ids[`${collection}.${parameter}`];
    if (id === undefined) throw new Error(`${path}: give the whole tenant one of these`);
    return id;
  });
}

async function routesOf(api: RunningAdminApi): Promise<Route[]> {
  const { body } = await api.get('/api/openapi.json', { key: null });
  const paths = Object.entries<Record<string, Record<string, unknown>>>(body.paths);
  return paths.flatMap(([full, item]) => {
    const path = full.replace('/api/v1', '');
    return Object.entries(item).map(([verb, operation]) => ({
      ...{ name: `${verb.toUpperCase()} ${path}`, method: verb.toUpperCase(), path },
      neededRole: operation['x-needed-role'],
      isPlatformOnly: operation['x-platform-only'] === true,
      isOpen: operation['x-public'] === true,
    }));
  });
}
