import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

import { createDataSource, Database, migrate } from '@common/persistence';
import { OutboundGuard } from '@common/outbound';
import {
  anId,
  eventually,
  HastyClock,
  OwnStores,
  quietPort,
  RecordingLogger,
  Rows,
  type ThreadRow,
} from '@common/testing';

import { MemberMemory } from '../src/context/member-memory.repository';
import { aClaimedTurn } from '../src/generation/claimed-turn.fixture';
import type { GeneratorConfig } from '../src/generator.config';
import { ModelLines } from '../src/models/model-lines.service';
import { aConfig, secrets } from '../src/models/voice.fixture';
import { BuiltInTools } from '../src/tools/built-in-tools.service';
import { DirectoryRepository } from '../src/tools/directory.repository';
import { McpServers } from '../src/tools/mcp-servers.service';
import type { Tool } from '../src/tools/tool';
import { ToolCallRepository } from '../src/tools/tool-call.repository';
import type { ToolServer } from '../src/tools/tool-server';
import { aToolServer } from '../src/tools/tool-server.fixture';

/** A real server of tools, from npm. */
const everything = join(
  process.cwd(),
  'node_modules/@modelcontextprotocol/server-everything/dist/index.js',
);
const never = new AbortController().signal;

let stores: OwnStores;
let rows: Rows;
let database: Database;
let thread: ThreadRow;
const logger = new RecordingLogger();

beforeAll(async () => {
  stores = await OwnStores.open(process.env);
  await migrate(stores.databaseUrl);
  rows = new Rows(stores);
  const url = stores.databaseUrl;
  database = new Database(createDataSource({ url, poolSize: 2, applicationName: 'spec' }));
  thread = await rows.aThread();
});
afterAll(async () => {
  await database.close();
  await stores.close();
});

function servers(): McpServers {
  const config = {
    ...aConfig(),
    MCP_STDIO_SERVERS: {
      everything: { command: process.execPath, args: [everything, 'stdio'], env: {} },
    },
  } as GeneratorConfig;
  const guard = new OutboundGuard();
  const lines = new ModelLines(guard, config, secrets);
  return new McpServers(config, guard, lines, secrets, new HastyClock(), logger);
}
const named = (tools: readonly Tool[], name: string): Tool => {
  const found = tools.find(({ spec }) => spec.name === name);
  if (!found) throw new Error(`no ${name} among ${tools.map(({ spec }) => spec.name).join()}`);
  return found;
};

describe('a real MCP server', () => {
  const processes: ChildProcess[] = [];
  let port: number;
  let ssePort: number;
  const mcp: McpServers[] = [];
  const open = (): McpServers => {
    const opened = servers();
    mcp.push(opened);
    return opened;
  };

  beforeAll(async () => {
    [port, ssePort] = [await quietPort(), await quietPort()];
    const serve = async (way: string, at: number): Promise<void> => {
      const env = { PATH: process.env['PATH'], PORT: String(at) };
      processes.push(spawn(process.execPath, [everything, way], { env, stdio: 'ignore' }));
      await eventually(async () => {
        const answer = await fetch(`http://127.0.0.1:${at}/`).catch(() => null);
        return answer !== null;
      }, 50_000);
    };
    await Promise.all([serve('streamableHttp', port), serve('sse', ssePort)]);
  });
  afterAll(async () => {
    await Promise.all(mcp.map((one) => one.close()));
    for (const one of processes) one.kill();
  });

  const http = (): Partial<ToolServer> => ({
    transport: 'http',
    command: null,
    url: `http://127.0.0.1:${port}/mcp`,
  });

  it.each([
    ['stdio', () => ({})],
    ['streamable HTTP', http],
    ['SSE', () => ({ ...http(), transport: 'sse', url: `http://127.0.0.1:${ssePort}/sse` })],
  ])('is used over %s', async (_way, how) => {
    const tools = await open().tools(aToolServer(how()));
    const echo = named(tools, 'every__echo');
    expect(echo.spec.inputSchema).toMatchObject({ type: 'object' });
    expect(await echo.run({ message: 'ding' }, never)).toContain('ding');
  });

  it('offers only what is allowed, and says what asks first', async () => {
    const tools = await open().tools(
      aToolServer({ ...http(), allowedTools: ['echo'], askFirst: ['echo'], readOnly: ['echo'] }),
    );
    expect(tools).toMatchObject([
      { spec: { name: 'every__echo' }, asksFirst: true, isReadOnly: true },
    ]);
  });

  it('tells what a tool says is wrong', async () => {
    const echo = named(await open().tools(aToolServer(http())), 'every__echo');
    await expect(echo.run({ message: 7 }, never)).rejects.toMatchObject({ code: 'tool_failed' });
  });

  it('offers nothing when it is away, is not on the list, or lies inside our network', async () => {
    const away = { ...http(), url: 'http://127.0.0.1:9/mcp' };
    expect(await open().tools(aToolServer(away))).toEqual([]);
    expect(await open().tools(aToolServer({ command: 'rm' }))).toEqual([]);
    expect(await open().tools(aToolServer({ ...http(), isTrustedAddress: false }))).toEqual([]);
  });
});

describe('ToolCallRepository', () => {
  const wish = {
    name: 'crm__order',
    args: { a: 1, b: [{ y: 2, x: 1 }] },
    n: 1,
    isReadOnly: false,
    asksFirst: false,
  };
  const aTurn = async (attempt = 1) => {
    const { turnId } = await rows.aTurn(await rows.aThread());
    return aClaimedTurn({ id: turnId, tenantId: rows.tenantId, attempt });
  };
  const calls = () => new ToolCallRepository(database);

  it('knows the same call of a later attempt, whatever the order of its arguments', async () => {
    const turn = await aTurn();
    const first = await calls().begin(turn, wish);
    await calls().end(turn, first.id, 'finished', 'ordered');
    const again = await calls().begin(
      { ...turn, attempt: 2 },
      { ...wish, args: { b: [{ x: 1, y: 2 }], a: 1 } },
    );
    expect([first.was, again]).toEqual([
      'new',
      { id: first.id, was: 'finished', result: 'ordered' },
    ]);
    expect((await calls().begin(turn, { ...wish, n: 2 })).was).toBe('new');
  });

  it.each([
    [false, 'unknown'],
    [true, 'running'],
  ])('a call that was lost while it ran (read-only: %s) becomes %s', async (isReadOnly, state) => {
    const turn = await aTurn();
    await calls().begin(turn, { ...wish, isReadOnly });
    expect((await calls().begin({ ...turn, attempt: 2 }, { ...wish, isReadOnly })).was).toBe(
      'running',
    );
    const [row] = await stores.sql('SELECT state FROM tool_call WHERE turn_id = $1', [turn.id]);
    expect(row).toEqual({ state });
  });

  it('late: an attempt that was overtaken ends nothing', async () => {
    const turn = await aTurn();
    const { id } = await calls().begin(turn, { ...wish, isReadOnly: true });
    await calls().begin({ ...turn, attempt: 2 }, { ...wish, isReadOnly: true });
    await calls().end(turn, id, 'finished', 'late');
    const [row] = await stores.sql('SELECT state FROM tool_call WHERE id = $1', [id]);
    expect(row).toEqual({ state: 'running' });
  });
});

describe('built-in tools', () => {
  const tools = (name: 'current_time' | 'member_memory' | 'directory', isDirect = true) => {
    const turn = aClaimedTurn({ tenantId: rows.tenantId, memberId: thread.memberId, isDirect });
    return new BuiltInTools(
      new HastyClock(),
      new MemberMemory(database),
      new DirectoryRepository(database),
    ).of(name, turn);
  };

  it('P6 remember a person’s facts, and keep those of a direct chat out of groups', async () => {
    const remember = (fact: string, isDirect: boolean) =>
      named(tools('member_memory', isDirect), 'remember').run({ fact }, never);
    await remember('drinks tea', true);
    await remember('drinks tea', true);
    await remember('speaks French', false);
    const memory = new MemberMemory(database);
    const of = (isDirect: boolean) =>
      memory.all({ tenantId: rows.tenantId, memberId: thread.memberId, isDirect });

    expect(await of(true)).toEqual(['drinks tea', 'speaks French']);
    expect(await of(false)).toEqual(['speaks French']);
    await stores.sql(`UPDATE member_memory SET shared = true WHERE text = 'drinks tea'`);
    expect(await of(false)).toContain('drinks tea');
    expect(
      await memory.all({ tenantId: rows.tenantId, memberId: anId('other'), isDirect: true }),
    ).toEqual([]);

    expect(await named(tools('member_memory'), 'forget').run({ fact: 'drinks tea' }, never)).toBe(
      'Forgotten.',
    );
    expect(await of(true)).toEqual(['speaks French']);
  });

  describe('P6 find people', () => {
    const find = async (name: string): Promise<string[]> => {
      const found = await named(tools('directory'), 'find_colleague').run({ name }, never);
      return found.startsWith('[')
        ? (JSON.parse(found) as { name: string }[]).map((one) => one.name)
        : [];
    };
    /** A person of an organisation; null: one who is no colleague of anybody. */
    const aPerson = async (name: string, corp: string | null, attributes: object = {}) => {
      const { memberId } = await rows.aThread();
      const { tenantId } = rows;
      await stores.sql('UPDATE member SET name = $2, attributes = $3 WHERE id = $1', [
        ...[memberId, name, JSON.stringify(attributes)],
      ]);
      if (corp)
        await stores.sql(
          `INSERT INTO identity (tenant_id, kind, realm, value, member_id) VALUES ($1, 'staff', $2, $3::text, $3::uuid)`,
          [tenantId, corp, memberId],
        );
    };
    beforeAll(async () => {
      await stores.sql(`UPDATE member SET attributes = '{"departments":["7"]}' WHERE id = $1`, [
        thread.memberId,
      ]);
      await stores.sql(
        `INSERT INTO identity (tenant_id, kind, realm, value, member_id) VALUES ($1, 'staff', 'corp', 'me', $2)`,
        [rows.tenantId, thread.memberId],
      );
      await aPerson('Ada Lovelace', 'corp', {
        title: 'Engineer',
        userid: 'x1',
        departments: ['9'],
      });
      await aPerson('Adam of elsewhere', 'other-corp');
      await aPerson('Adan without a badge', null);
      await aPerson('Adele the chief', 'corp', { hidden: true });
      await aPerson('Adi of our department', 'corp', { visibleTo: ['7'] });
      await aPerson('Ado of another', 'corp', { visibleTo: ['8'] });
    });

    it('of the asker’s organisation whom the asker may see', async () => {
      expect(await find('ad')).toEqual(['Ada Lovelace', 'Adi of our department']);
      expect(await find('%')).toEqual([]);
    });

    it('with their title and no ids', async () => {
      const found = await named(tools('directory'), 'find_colleague').run({ name: 'lovel' }, never);
      expect(JSON.parse(found)).toEqual([{ name: 'Ada Lovelace', title: 'Engineer' }]);
    });
  });

  it('tell the time where somebody is', async () => {
    const [clock] = tools('current_time');
    expect(await clock?.run({ zone: 'UTC' }, never)).toMatch(/UTC$/);
    await expect(clock?.run({ zone: 'Nowhere/Land' }, never)).rejects.toMatchObject({
      code: 'tool_failed',
    });
  });
});
