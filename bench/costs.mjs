// CPU and memory of everything that takes part, from /proc: services, Postgres with its back ends, Redis.
import { readdirSync, readFileSync } from 'node:fs';

const TICK_MS = 10;
const PAGE = 4_096;

/** Counts from the moment it is made. */
export class Costs {
  #before;

  /** @param members {name: pid or pids, …}; each counts with all its descendants */
  constructor(members) {
    this.members = members;
    this.#before = this.#look();
  }

  /** `{name: {cpuMs, rss}}`: milliseconds of CPU since then, bytes of memory now. */
  since() {
    const now = this.#look();
    for (const name of Object.keys(now)) now[name].cpuMs -= this.#before[name].cpuMs;
    return now;
  }

  #look() {
    const all = processes();
    const found = {};
    for (const [name, pids] of Object.entries(this.members)) {
      const mine = [pids].flat().flatMap((pid) => familyOf(all, pid));
      const sum = (key) => mine.reduce((total, one) => total + one[key], 0);
      found[name] = { cpuMs: sum('cpuMs'), rss: sum('rss') };
    }
    return found;
  }
}

export const totalMs = (costs) => Object.values(costs).reduce((sum, { cpuMs }) => sum + cpuMs, 0);

const familyOf = (all, pid) => {
  const self = all.filter((one) => one.pid === pid);
  const children = all.filter((one) => one.parent === pid);
  return [...self, ...children.flatMap((child) => familyOf(all, child.pid))];
};

function processes() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        // Its own time, and that of children which ended and were waited for.
        const ticks = [11, 12, 13, 14].reduce((sum, n) => sum + Number(fields[n]), 0);
        const [parent, rss] = [Number(fields[1]), Number(fields[21]) * PAGE];
        return [{ pid: Number(pid), parent, cpuMs: ticks * TICK_MS, rss }];
      } catch {
        // It ended while we looked.
        return [];
      }
    });
}
