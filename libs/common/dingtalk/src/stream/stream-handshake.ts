import type { Clock } from '@common/kernel';
import type { WebSocket } from 'ws';

import { networkFault } from '../http/network-fault';
import { connectionFaults, StreamOpenError } from './connection-fault';

/**
 * Waits for the end of a handshake. What it needs goes with it: there are thousands of connections, and they live for
 * hours.
 * @throws StreamOpenError when the socket is gone, also because this was too slow
 */
export function handshake(socket: WebSocket, clock: Clock, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let refusedWith: number | null = null;
    let isLate = false;
    let lastError: unknown = null;
    const over = new AbortController();
    void clock.sleep(timeoutMs, over.signal).then(() => {
      if (over.signal.aborted) return;
      isLate = true;
      socket.terminate();
    });
    const refused = (_request: unknown, response: { statusCode?: number | undefined }): void => {
      refusedWith = response.statusCode ?? 0;
      socket.terminate();
    };
    const failed = (error: unknown): void => void (lastError = error);
    const end = (): void => {
      over.abort();
      socket.off('unexpected-response', refused).off('error', failed);
      socket.off('open', opened).off('close', closed);
    };
    const opened = (): void => {
      end();
      resolve();
    };
    const closed = (): void => {
      end();
      reject(errorOf(isLate, refusedWith, lastError));
    };
    socket.on('unexpected-response', refused).on('error', failed);
    socket.on('open', opened).on('close', closed);
  });
}

function errorOf(isLate: boolean, status: number | null, error: unknown): StreamOpenError {
  if (isLate) return new StreamOpenError(connectionFaults.handshakeTimeout);
  if (status !== null) return new StreamOpenError(connectionFaults.handshakeRefused, { status });
  const { kind, code } = networkFault(error);
  const fault = {
    refused: connectionFaults.refused,
    not_allowed: connectionFaults.addressRefused,
    not_found: connectionFaults.hostNotFound,
    tls: connectionFaults.tlsFailed,
  };
  const known = kind in fault ? fault[kind as keyof typeof fault] : connectionFaults.reset;
  return new StreamOpenError(known, { networkCode: code });
}
