import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { Injectable } from '@nestjs/common';

import { Clock, SecretBox } from '@common/kernel';
import { Logger } from '@common/logging';
import { OutboundGuard, OutboundRefusedError } from '@common/outbound';

import { GeneratorConfig } from '../generator.config';
import { ModelLines } from '../models/model-lines.service';
import { headersOf } from '../models/model-secrets';
import { openLink } from './mcp-link';
import { resultText } from './mcp-result';
import type { Tool } from './tool';
import { toolNameOf } from './tool-name';
import type { ToolServer } from './tool-server';
import { ToolError } from './tool.errors';

/** Links kept open; the one unused longest is closed beyond it. */
const MAX_LINKS = 50;
/** How long a list of tools is believed. */
const LIST_MS = 60_000;

interface Link {
  readonly client: Promise<Client>;
  tools: { readonly at: number; readonly list: Promise<Listed> } | null;
}
type Listed = Awaited<ReturnType<Client['listTools']>>['tools'];

/** Connections to servers of tools (Model Context Protocol), shared by the turns of this process. */
@Injectable()
export class McpServers {
  private readonly links = new Map<string, Link>();

  constructor(
    private readonly config: GeneratorConfig,
    private readonly guard: OutboundGuard,
    private readonly lines: ModelLines,
    private readonly secrets: SecretBox,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** What a server offers. A server that is away offers nothing: its tools must not end the answer. */
  async tools(server: ToolServer): Promise<Tool[]> {
    try {
      const listed = await this.list(server);
      const { allowedTools } = server;
      return listed
        .filter(({ name }) => allowedTools === null || allowedTools.includes(name))
        .map((tool) => this.toTool(server, tool));
    } catch (error) {
      this.forget(server);
      this.logger.warn('tool server offers nothing', { server: server.name, error });
      return [];
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.links.values()].map(closed));
    this.links.clear();
  }

  private toTool(
    server: ToolServer,
    { name, description, inputSchema, annotations }: Listed[number],
  ): Tool {
    const isReadOnly = server.readOnly.includes(name) || annotations?.readOnlyHint === true;
    return {
      spec: {
        name: toolNameOf(server.name, name),
        description: (description ?? name).slice(0, 2_000),
        inputSchema,
      },
      isReadOnly,
      asksFirst: server.askFirst.includes(name) || server.askFirst.includes('*'),
      timeoutMs: server.timeoutMs,
      run: (args, signal) => this.call(server, name, args, signal),
    };
  }

  private async call(
    server: ToolServer,
    name: string,
    args: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ): Promise<string> {
    let result: Awaited<ReturnType<Client['callTool']>>;
    try {
      const client = await this.linkTo(server).client;
      const limits = { signal, timeout: server.timeoutMs, resetTimeoutOnProgress: false };
      result = await client.callTool({ name, arguments: { ...args } }, undefined, limits);
    } catch (error) {
      signal.throwIfAborted();
      this.forget(server);
      throw new ToolError('tool_unreachable', 'its server cannot be reached', error);
    }
    const text = resultText(result);
    if (result.isError) throw new ToolError('tool_failed', text.slice(0, 1_000));
    return text;
  }

  private list(server: ToolServer): Promise<Listed> {
    const link = this.linkTo(server);
    const now = this.clock.now();
    if (!link.tools || link.tools.at + LIST_MS < now) {
      const list = link.client.then((client) =>
        client.listTools(undefined, { timeout: Math.min(server.timeoutMs, 10_000) }),
      );
      link.tools = { at: now, list: list.then(({ tools }) => tools) };
    }
    return link.tools.list;
  }

  private linkTo(server: ToolServer): Link {
    const key = keyOf(server);
    const link = this.links.get(key) ?? this.open(server);
    this.links.delete(key);
    this.links.set(key, link);
    const [oldest] = this.links;
    if (this.links.size > MAX_LINKS && oldest) {
      this.links.delete(oldest[0]);
      void closed(oldest[1]);
    }
    return link;
  }

  private open(server: ToolServer): Link {
    const { url, isTrustedAddress, command } = server;
    const trusted = isTrustedAddress && url ? [url] : [];
    const client = Promise.resolve().then(() => {
      if (url) this.guard.check(url, trusted);
      return openLink(server, {
        fetch: this.lines.to({ baseUrl: url, isTrustedAddress, timeouts: {}, proxy: null }, false),
        headers: headersOf(server, this.secrets),
        stdio: command ? this.config.MCP_STDIO_SERVERS[command] : undefined,
      });
    });
    client.then(
      (opened) => (opened.onclose = () => this.forget(server)),
      (error: unknown) => this.refused(server, error),
    );
    return { client, tools: null };
  }

  private refused(server: ToolServer, error: unknown): void {
    if (error instanceof OutboundRefusedError)
      this.logger.warn('tool server refused by the outbound rule', { server: server.name });
    this.forget(server);
  }

  private forget(server: ToolServer): void {
    const link = this.links.get(keyOf(server));
    this.links.delete(keyOf(server));
    if (link) void closed(link);
  }
}

/** A changed server is another one. */
const keyOf = ({ tenantId, id, revision }: ToolServer): string => `${tenantId} ${id} ${revision}`;

const closed = ({ client }: Link): Promise<void> =>
  client.then(
    (opened) => opened.close().catch(() => undefined),
    // It never opened.
    () => undefined,
  );
