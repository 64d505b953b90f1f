import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';

import type { StdioServer } from './stdio-servers';
import type { ToolServer } from './tool-server';
import { ToolError } from './tool.errors';

export interface LinkOptions {
  readonly fetch: typeof fetch;
  readonly headers: Readonly<Record<string, string>>;
  readonly stdio: StdioServer | undefined;
}

/** An open connection to a server of tools. */
export async function openLink(server: ToolServer, options: LinkOptions): Promise<Client> {
  const client = new Client({ name: 'carillon', version: '1' });
  const transport = transportTo(server, options);
  await client.connect(transport, { timeout: Math.min(server.timeoutMs, 15_000) });
  return client;
}

/** @throws ToolError when it is not set up for this installation */
function transportTo(server: ToolServer, { fetch, headers, stdio }: LinkOptions): Transport {
  if (server.transport === 'stdio') {
    if (!stdio)
      throw new ToolError('tool_misconfigured', 'its command is not on the list of the operator');
    // Its own environment: none of our variables, which hold keys.
    return new StdioClientTransport({ ...stdio, args: [...stdio.args], stderr: 'ignore' });
  }
  const url = new URL(server.url ?? '');
  const requestInit = { headers: { ...headers } };
  if (server.transport === 'sse')
    return new SSEClientTransport(url, { fetch, requestInit, eventSourceInit: { fetch } });
  // The SDK's class and its interface differ in `exactOptionalPropertyTypes` only.
  return new StreamableHTTPClientTransport(url, { fetch, requestInit }) as Transport;
}
