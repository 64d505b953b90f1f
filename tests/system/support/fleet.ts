import { randomBytes } from 'node:crypto';
import type { ChannelStatus } from './admin-client';
import { eventually } from './eventually';
import type { Installation } from './installation';

export interface FleetChannel {
  readonly clientId: string;
  readonly channelId: string;
}

interface SandboxConnection {
  readonly id: string;
  readonly clientId: string;
  readonly state: string;
}

/** Many DingTalk apps with a channel each, answered by the demo agent; and which gateway holds which of them. */
export class Fleet {
  private constructor(
    private readonly installation: Installation,
    readonly channels: readonly FleetChannel[],
  ) {}

  static async join(
    installation: Installation,
    size: number,
    channel: object = {},
  ): Promise<Fleet> {
    const { sandbox, admin } = installation;
    const agent = await admin.create('/agents', { name: 'Demo', kind: 'demo' });
    const channels: FleetChannel[] = [];
    for (let n = 0; n < size; n += 1) {
      const clientId = `ding${randomBytes(6).toString('hex')}`;
      const clientSecret = `secret-${randomBytes(12).toString('hex')}`;
      await sandbox.putApp(clientId, { clientSecret });
      const { id } = await admin.create('/channels', {
        ...{ name: `bot ${clientId}`, clientId, clientSecret, defaultAgentId: agent.id },
        ...{ locale: 'en', ...channel },
      });
      channels.push({ clientId, channelId: id });
    }
    return new Fleet(installation, channels);
  }

  /** Open connections per app. */
  async connections(): Promise<Map<string, number>> {
    const all = await this.installation.sandbox.call<SandboxConnection[]>('GET', '/connections');
    const counts = new Map(this.channels.map(({ clientId }) => [clientId, 0]));
    for (const { clientId, state } of all)
      if (state === 'open' && counts.has(clientId))
        counts.set(clientId, (counts.get(clientId) ?? 0) + 1);
    return counts;
  }

  /** Resolves when every app has exactly so many connections. */
  untilEachHas(count: number, withinMs?: number): Promise<unknown> {
    return eventually(
      `every app has ${count} connection(s)`,
      async () => {
        const others = [...(await this.connections()).values()].filter((one) => one !== count);
        if (others.length > 0) throw new Error(`others have ${others.join(', ')}`);
        return true;
      },
      withinMs,
    );
  }

  /** Channels by the process id of the gateway that says it is connected. */
  async heldBy(pid: number): Promise<string[]> {
    const rows = await this.installation.schema.query<{ channel_id: string }>(
      `SELECT channel_id FROM channel_connection c JOIN incarnation i ON i.id = c.gateway_id
        WHERE i.pid = $1 AND i.stopped_at IS NULL AND c.state = 'connected'`,
      [pid],
    );
    return rows.map((row) => row.channel_id);
  }

  status({ channelId }: FleetChannel): Promise<ChannelStatus> {
    return this.installation.admin.status(channelId);
  }
}
