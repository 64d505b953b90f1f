import { planStack } from './stack-plan';

const portsOf = (env: NodeJS.ProcessEnv) =>
  Object.fromEntries(planStack(env).apps.map(({ name, port }) => [name, port]));

describe('the plan of npm start', () => {
  it('is the sandbox and all services on their usual ports when nothing is set', () => {
    expect(portsOf({})).toEqual({
      sandbox: 3100,
      'admin-api': 3000,
      gateway: 3001,
      dispatcher: 3002,
      generator: 3003,
      sender: 3004,
    });
  });

  it('follows the port variables', () => {
    expect(portsOf({ SENDER_PORT: '0', ADMIN_API_PORT: '8080' })).toMatchObject({
      sender: 0,
      'admin-api': 8080,
    });
  });

  it('names every variable that is no port', () => {
    expect(() => planStack({ SENDER_PORT: 'x', GATEWAY_PORT: '70000' })).toThrow(
      'GATEWAY_PORT=70000, SENDER_PORT=x',
    );
  });

  it('leaves the sandbox out when a platform is named', () => {
    const plan = planStack({ DINGTALK_API_URL: 'https://api.dingtalk.com' });
    expect(plan.isSandboxed).toBe(false);
    expect(plan.apps.map(({ name }) => name)).not.toContain('sandbox');
  });

  it('takes an empty variable for an unset one', () => {
    expect(planStack({ DATABASE_URL: '', REDIS_URL: '', DINGTALK_API_URL: '' })).toMatchObject({
      databaseUrl: undefined,
      redisUrl: undefined,
      isSandboxed: true,
    });
  });

  it('uses a model when it knows its name and where or as whom to ask', () => {
    expect(planStack({ OPENAI_MODEL: 'm' }).model).toBeUndefined();
    expect(planStack({ OPENAI_API_KEY: 'k' }).model).toBeUndefined();
    expect(planStack({ OPENAI_MODEL: 'm', OPENAI_API_KEY: 'k' }).model).toEqual({
      baseUrl: 'https://api.openai.com/v1',
      apiKey: 'k',
      upstreamModel: 'm',
    });
    expect(planStack({ OPENAI_MODEL: 'm', OPENAI_BASE_URL: 'http://h/v1' }).model).toMatchObject({
      baseUrl: 'http://h/v1',
    });
  });

  it('gives services their deadline and the time to close', () => {
    expect(planStack({}).shutdownDeadlineMs).toBe(30_000);
    expect(planStack({ SHUTDOWN_DEADLINE_MS: '1000' }).shutdownDeadlineMs).toBe(6_000);
  });
});
