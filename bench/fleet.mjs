// Our services as in production, so many of each, whom the CPU of an answer is counted for.
const SERVICES = ['gateway', 'dispatcher', 'generator', 'sender'];

export class Fleet {
  #processes = [];

  constructor(stack, env) {
    Object.assign(this, { stack, env });
  }

  /** @param replicas of each service: a number, or `{gateway: 2, …}` where one is not enough; more can only come */
  scaleTo(replicas) {
    for (const name of SERVICES) {
      const wanted = typeof replicas === 'number' ? replicas : (replicas[name] ?? 1);
      while (this.#of(name).length < wanted)
        this.#processes.push({ name, process: this.stack.service(name, this.env) });
    }
  }

  /** `{name: pids}`, the stores included. */
  get members() {
    const pids = (name) => this.#of(name).map((one) => one.process.pid);
    const members = Object.fromEntries(SERVICES.map((name) => [name, pids(name)]));
    return { ...members, postgres: this.stack.postgres.pid, redis: this.stack.redis.pid };
  }

  async stop() {
    await Promise.all(this.#processes.map((one) => one.process.stop()));
  }

  #of(name) {
    return this.#processes.filter((one) => one.name === name);
  }
}
