import { isPortFree } from '../ports';
import { type AppPlan } from './stack-plan';

export interface PortConflict {
  readonly port: number;
  /** The variable that moves the app elsewhere. */
  readonly variable: string;
  readonly app: string;
}

/** Ports that somebody else has, or that two of our apps want. Asked before anything is started. */
export async function conflictingPorts(
  apps: readonly AppPlan[],
  host: string,
): Promise<PortConflict[]> {
  const conflicts: PortConflict[] = [];
  const wanted = new Set<number>();
  for (const { name: app, port, portVariable: variable } of apps) {
    if (port === 0) continue;
    if (wanted.has(port) || !(await isPortFree(port, host)))
      conflicts.push({ port, variable, app });
    wanted.add(port);
  }
  return conflicts;
}
