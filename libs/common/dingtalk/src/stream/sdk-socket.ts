import type { Agent } from 'node:http';

import { DWClient } from 'dingtalk-stream';
import type { WebSocket } from 'ws';

import { connectionFaults, StreamOpenError } from './connection-fault';

export interface SdkSocketOptions {
  readonly maxPayload: number;
  /** Leads the handshake through a proxy. */
  readonly agent?: Agent | undefined;
}

/** What `DWClient` keeps private and we must reach (messaging reference §3.6). */
interface Insides {
  socket?: WebSocket;
  dw_url?: string | undefined;
  sslopts: object;
}

/**
 * `dingtalk-stream` makes a socket, and is let go: everything of it that reads, answers, reports or reconnects crashes on
 * malformed frames, writes to the console and acks on the wrong socket (§3.2), and would be kept for as long as the
 * connection lives.
 */
export class SdkSocket extends DWClient {
  private constructor(url: string, options: SdkSocketOptions) {
    // The package never gets to see the credentials: our own endpoint client holds them.
    super({ clientId: 'unused', clientSecret: 'unused', keepAlive: false, debug: false });
    Object.assign(this.config, { autoReconnect: false });
    this.insides.sslopts = { ...options, perMessageDeflate: false };
    this.insides.dw_url = url;
  }

  /**
   * @returns a socket that has begun its handshake, without any listener
   * @throws StreamOpenError when no socket could be made
   */
  static open(url: string, options: SdkSocketOptions): WebSocket {
    const client = new SdkSocket(url, options);
    // Settles never, since its listeners are taken away; it rejects only if no socket could be made, and then quotes the
    // URL, and with it the ticket.
    client._connect().catch(() => undefined);
    const { socket } = client.insides;
    if (!socket) throw new StreamOpenError(connectionFaults.unusableAnswer);
    return socket.removeAllListeners();
  }

  private get insides(): Insides {
    return this as unknown as Insides;
  }
}
