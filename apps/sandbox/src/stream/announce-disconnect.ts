import { without } from '../world/without';
import type { World } from '../world/world';
import type { Connection } from './connection';
import { systemFrame } from './frames';

/**
 * Tells a connection to go: a SYSTEM disconnect frame, no more pushes, and the close after `disconnectCloseMs` (C22).
 * `bare` leaves out messageId and specVersion, as an official example does.
 */
export function announceDisconnect(
  world: World,
  connection: Connection,
  reason: string,
  bare: boolean,
): void {
  const frame = systemFrame('disconnect', { reason }, connection.id, world.now());
  const bareFrame = {
    ...without(frame, 'specVersion'),
    headers: without(frame.headers, 'messageId'),
  };
  connection.send(bare ? bareFrame : frame);
  connection.state = 'draining';
  setTimeout(() => connection.close(1000), world.settings.disconnectCloseMs).unref();
}
