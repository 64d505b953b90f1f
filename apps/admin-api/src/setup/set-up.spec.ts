import { pageModule } from './page-module.fixture';

type Json = Record<string, unknown>;
type Call = (
  method: string,
  path: string,
  options: { body: Json; idempotencyKey: string },
) => Promise<{ id: string }>;
interface SetUpClass {
  new (call: Call): {
    readonly channelId: string | undefined;
    adopt(channelId: string): void;
    run(input: Json): Promise<string>;
  };
}

const { SetUp } = pageModule<{ SetUp: SetUpClass }>('set-up.js');

const input = {
  answers: 'model',
  name: 'Helpdesk',
  clientId: 'ding1',
  clientSecret: 's1',
  robotCode: '',
  locale: 'zh',
  baseUrl: 'https://api.example.com/v1',
  apiKey: 'sk-1',
  upstreamModel: 'm',
  instructions: 'Be brief.',
  templateId: '',
  contentKey: '',
};

/** A service that remembers its calls and fails those it is told to. */
function aService() {
  const calls: { method: string; path: string; body: Json; key: string }[] = [];
  const failures: (object | undefined)[] = [];
  const call: Call = (method, path, { body, idempotencyKey }) => {
    calls.push({ method, path, body, key: idempotencyKey });
    const failure = failures.shift();
    if (failure) return Promise.reject(Object.assign(new Error('failed'), failure));
    return Promise.resolve({
      id: method === 'POST' ? `of${path}` : (path.split('/').at(-1) ?? ''),
    });
  };
  const asked = () => calls.splice(0).map(({ method, path }) => `${method} ${path}`);
  return {
    calls,
    asked,
    call,
    failNext: (...next: (object | undefined)[]) => failures.push(...next),
  };
}

describe('SetUp', () => {
  let service: ReturnType<typeof aService>;
  let setUp: InstanceType<SetUpClass>;

  beforeEach(() => {
    service = aService();
    setUp = new SetUp(service.call);
  });

  it('makes model, agent and channel, each with a key of its own and without empty fields', async () => {
    await expect(setUp.run(input)).resolves.toBe('of/channels');

    expect(service.calls.map(({ path, body }) => [path, body])).toEqual([
      [
        '/models',
        {
          name: 'Helpdesk',
          provider: 'openai-compatible',
          baseUrl: 'https://api.example.com/v1',
          apiKey: 'sk-1',
          upstreamModel: 'm',
        },
      ],
      [
        '/agents',
        { name: 'Helpdesk', kind: 'llm', instructions: 'Be brief.', modelId: 'of/models' },
      ],
      [
        '/channels',
        {
          name: 'Helpdesk',
          clientId: 'ding1',
          clientSecret: 's1',
          locale: 'zh',
          card: {},
          defaultAgentId: 'of/agents',
        },
      ],
    ]);
    expect(new Set(service.calls.map(({ key }) => key)).size).toBe(3);
  });

  it('makes no model for the demo agent', async () => {
    await setUp.run({ ...input, answers: 'demo' });

    expect(service.calls[0]?.body).toEqual({ name: 'Helpdesk', kind: 'demo', instructions: '' });
    expect(service.asked()).toEqual(['POST /agents', 'POST /channels']);
  });

  it('uses what an attempt made before it was refused', async () => {
    service.failNext(undefined, undefined, { status: 409, code: 'client_id_taken' });
    await expect(setUp.run(input)).rejects.toMatchObject({ step: 'channel' });
    service.asked();

    await setUp.run({ ...input, clientId: 'ding2' });

    expect(service.asked()).toEqual(['POST /channels']);
  });

  it('repeats a write of unknown outcome under the same key', async () => {
    service.failNext({ status: 0 });
    await expect(setUp.run(input)).rejects.toMatchObject({ step: 'model' });

    await setUp.run(input);

    const [first, second, third] = service.calls;
    expect([second?.path, second?.key]).toEqual(['/models', first?.key]);
    expect(third?.path).toBe('/agents');
  });

  it('settles a write of unknown outcome before it writes something else', async () => {
    service.failNext({ status: 0 });
    await expect(setUp.run(input)).rejects.toThrow();

    await setUp.run({ ...input, upstreamModel: 'other' });

    const [first, again, change] = service.calls;
    expect([again?.key, again?.body]).toEqual([first?.key, first?.body]);
    expect(change).toMatchObject({ method: 'PATCH', path: '/models/of/models' });
    expect(change?.body).toMatchObject({ upstreamModel: 'other' });
  });

  it('keeps to an open write while the first one is still running', async () => {
    service.failNext({ status: 0 }, { status: 409, code: 'idempotency_key_in_use' });
    await expect(setUp.run(input)).rejects.toThrow();
    await expect(setUp.run(input)).rejects.toMatchObject({ code: 'idempotency_key_in_use' });

    await setUp.run(input);

    expect(new Set(service.calls.slice(0, 3).map(({ key }) => key)).size).toBe(1);
  });

  it('changes only what differs, and leaves secrets alone that were not written again', async () => {
    await setUp.run(input);
    service.asked();
    const stored = { ...input, clientSecret: '', apiKey: '' };

    await setUp.run(stored);
    expect(service.asked()).toEqual([]);

    await setUp.run({ ...stored, robotCode: 'r' });
    expect(service.calls[0]?.body).not.toHaveProperty('clientSecret');
    expect(service.calls[0]?.body).toMatchObject({ robotCode: 'r', card: { templateId: null } });
    expect(service.asked()).toEqual(['PATCH /channels/of/channels']);
  });

  it('writes a corrected secret to the channel that is there', async () => {
    await setUp.run(input);
    service.asked();

    await setUp.run({ ...input, apiKey: '', clientSecret: 's2' });

    expect(service.calls[0]?.body).toMatchObject({ clientSecret: 's2' });
    expect(service.asked()).toEqual(['PATCH /channels/of/channels']);
  });

  it('makes anew what somebody deleted meanwhile', async () => {
    await setUp.run(input);
    service.failNext({ status: 404, code: 'not_found' });
    await expect(setUp.run({ ...input, name: 'New' })).rejects.toThrow();
    service.asked();

    await setUp.run({ ...input, name: 'New' });

    expect(service.asked()).toEqual([
      'POST /models',
      'PATCH /agents/of/agents',
      'PATCH /channels/of/channels',
    ]);
  });

  it('changes an adopted channel and leaves its agent', async () => {
    setUp.adopt('c1');
    await setUp.run({ ...input, answers: 'keep', clientSecret: '' });

    expect(service.calls[0]?.body).not.toHaveProperty('defaultAgentId');
    expect(service.asked()).toEqual(['PATCH /channels/c1']);
  });
});
