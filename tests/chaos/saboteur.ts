import type { ServiceName, ServiceProcess } from '../system/support/service-process';
import type { ChaosModel } from './chaos-model';
import {
  type ChaosAct,
  type Lane,
  lanes,
  type Link,
  type PlatformFault,
  type SocketEnd,
  stepsOf,
} from './chaos-plan';
import type { ChaosWorld } from './chaos-world';
import { pause } from './pause';
import type { Seeded } from './seeded';

export interface DoneAct {
  readonly atMs: number;
  readonly act: ChaosAct;
}

/** Does to the installation what the plan says, lane by lane, and heals everything at the end. */
export class Saboteur {
  readonly done: DoneAct[] = [];
  /** Processes that ended although nobody had killed them (P10). */
  readonly unexpectedEnds: string[] = [];
  private readonly meddled = new Set<ServiceProcess>();
  private faults = 0;

  constructor(
    private readonly world: ChaosWorld,
    private readonly model: ChaosModel,
    private readonly random: Seeded,
    private readonly only: readonly Lane[] = lanes,
  ) {}

  /** Runs until `untilMs` (epoch); resolves when everything is whole again. */
  async run(untilMs: number): Promise<void> {
    const startedAt = Date.now();
    const guard = setInterval(() => void this.reviveFallen(), 500);
    await Promise.all(
      this.only.map(async (lane) => {
        for (const { afterMs, act } of stepsOf(lane, this.random.branch(lane))) {
          await pause(Math.min(afterMs, Math.max(0, untilMs - Date.now())));
          if (Date.now() >= untilMs) return;
          this.done.push({ atMs: Date.now() - startedAt, act });
          await this.perform(act);
        }
      }),
    );
    clearInterval(guard);
    await this.heal();
  }

  private async heal(): Promise<void> {
    this.model.mood = 'well';
    for (const wire of this.world.wires.values()) wire.slow(0);
    await this.world.installation.sandbox.clearFaults();
    await this.reviveFallen();
    await Promise.all(this.world.installation.services.map((service) => service.ready(60_000)));
  }

  /** What a supervisor does; a process that fell by itself is a finding. */
  private async reviveFallen(): Promise<void> {
    const fallen = this.world.installation.services.filter(
      (service) => !service.isRunning() && !this.meddled.has(service),
    );
    for (const service of fallen) {
      this.unexpectedEnds.push(`${service.name}: ${service.lines.slice(-3).join(' | ')}`);
      await this.alone(service, () => service.start());
    }
  }

  private perform(act: ChaosAct): Promise<void> {
    switch (act.kind) {
      case 'kill':
        return this.kill(act.service, act.downMs);
      case 'restart':
        return this.restart(act.service);
      case 'pause':
        return this.freeze(act.service, act.forMs);
      case 'redis-kill':
        return this.world.killRedis(act.downMs);
      case 'postgres-kill':
        return this.world.killPostgres(act.downMs);
      case 'redis-wipe':
        return this.world.wipeRedis();
      case 'postgres-drop-sessions':
        return this.world.dropSessions();
      case 'cut':
        return Promise.resolve(this.world.wires.get(act.link)?.cut());
      case 'delay':
        return this.delay(act.link, act.ms, act.forMs);
      case 'platform-fault':
        return this.fault(act.fault, act.forMs);
      case 'socket':
        return this.endSocket(act.how);
      case 'model':
        return this.moodOfModel(act.mood, act.forMs);
    }
  }

  private async kill(name: ServiceName, downMs: number): Promise<void> {
    const service = this.victim(name);
    await this.alone(service, async () => {
      await service.kill();
      await pause(downMs);
      await service.start();
    });
  }

  private async restart(name: ServiceName): Promise<void> {
    const service = this.victim(name);
    await this.alone(service, async () => {
      await service.stop(15_000);
      await service.start();
    });
  }

  private async freeze(name: ServiceName, forMs: number): Promise<void> {
    const service = this.victim(name);
    await this.alone(service, async () => {
      process.kill(service.pid, 'SIGSTOP');
      await pause(forMs);
      process.kill(service.pid, 'SIGCONT');
    });
  }

  private async delay(link: Link, ms: number, forMs: number): Promise<void> {
    const wire = this.world.wires.get(link);
    wire?.slow(ms);
    await pause(forMs);
    wire?.slow(0);
  }

  private async fault(fault: PlatformFault, forMs: number): Promise<void> {
    const { sandbox } = this.world.installation;
    const id = `chaos-${(this.faults += 1)}`;
    await sandbox.fault(id, fault);
    await pause(forMs);
    await sandbox.call('DELETE', `/faults/${id}`);
  }

  private async endSocket(how: SocketEnd): Promise<void> {
    const { sandbox } = this.world.installation;
    const connections = await sandbox.call<{ id: string }[]>('GET', '/connections');
    if (connections.length === 0) return;
    const { id } = this.random.pick(connections);
    const body = how === 'close' ? { code: this.random.pick([1000, 1001, 1006, 1011]) } : {};
    // It may be gone by now.
    await sandbox.call('POST', `/connections/${id}/${how}`, body).catch(() => undefined);
  }

  private async moodOfModel(mood: ChaosModel['mood'], forMs: number): Promise<void> {
    this.model.mood = mood;
    await pause(forMs);
    this.model.mood = 'well';
  }

  private victim(name: ServiceName): ServiceProcess {
    return this.random.pick(this.world.installation.services.filter((one) => one.name === name));
  }

  /** Whoever is already being meddled with is left alone, and is not missed meanwhile. */
  private async alone(service: ServiceProcess, work: () => Promise<void>): Promise<void> {
    if (this.meddled.has(service)) return;
    this.meddled.add(service);
    try {
      await work();
    } finally {
      this.meddled.delete(service);
    }
  }
}
