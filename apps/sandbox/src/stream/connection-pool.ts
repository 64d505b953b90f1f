import { EventEmitter } from 'node:events';
import type { World } from '../world/world';
import type { Connection } from './connection';

/** All connections of all apps, and the platform's choice among them. */
export class ConnectionPool extends EventEmitter<{ opened: [Connection]; closed: [Connection] }> {
  private readonly connections = new Map<string, Connection>();
  /** Connections ever opened, for leak checks (C102). */
  openedInTotal = 0;

  constructor(private readonly world: World) {
    super();
  }

  add(connection: Connection): void {
    this.connections.set(connection.id, connection);
    this.openedInTotal += 1;
    this.publish(connection.clientId);
    this.emit('opened', connection);
  }

  /** The socket is gone. Without a closing handshake it may haunt the pool for a while (C36). */
  lost(connection: Connection, code: number): void {
    if (connection.state === 'closed' || connection.state === 'ghost') return;
    connection.closeCode = code;
    const { ghostMs } = this.world.settings;
    if (code === 1006 && ghostMs > 0) {
      connection.state = 'ghost';
      setTimeout(() => this.remove(connection), ghostMs).unref();
      return;
    }
    this.remove(connection);
  }

  get(id: string): Connection | undefined {
    return this.connections.get(id);
  }

  of(clientId?: string): Connection[] {
    const all = [...this.connections.values()];
    return clientId === undefined ? all : all.filter((one) => one.clientId === clientId);
  }

  candidates(clientId: string, type: string, topic: string): Connection[] {
    return this.of(clientId).filter((one) => one.takes(type, topic));
  }

  /** One at random, as the platform does (C34). */
  pick(clientId: string, type: string, topic: string): Connection | undefined {
    const candidates = this.candidates(clientId, type, topic);
    return candidates[Math.floor(Math.random() * candidates.length)];
  }

  private remove(connection: Connection): void {
    connection.state = 'closed';
    this.connections.delete(connection.id);
    this.publish(connection.clientId);
    this.emit('closed', connection);
  }

  private publish(clientId: string): void {
    this.world.publish('connections', { clientId, count: this.of(clientId).length });
  }
}
