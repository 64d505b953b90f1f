import type { JobObserver } from '@common/queue';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** The metrics of one process. Labels are bounded words, never ids, names or addresses of people. */
export class Metrics {
  readonly registry = new Registry();

  constructor(service: string) {
    this.registry.setDefaultLabels({ service });
    collectDefaultMetrics({ register: this.registry });
  }

  counter(name: string, help: string, labelNames: string[] = []): Counter {
    return new Counter({ name: `carillon_${name}`, help, labelNames, registers: [this.registry] });
  }

  gauge(name: string, help: string, labelNames: string[] = []): Gauge {
    return new Gauge({ name: `carillon_${name}`, help, labelNames, registers: [this.registry] });
  }

  /** Of durations in seconds. */
  histogram(name: string, help: string, labelNames: string[] = []): Histogram {
    const buckets = [
      0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ];
    return new Histogram({
      name: `carillon_${name}`,
      help,
      labelNames,
      buckets,
      registers: [this.registry],
    });
  }

  /** How long jobs wait and work, by queue and result. */
  jobObserver(): JobObserver {
    const wait = this.histogram('job_wait_seconds', 'From adding a job to its start', ['queue']);
    const work = this.histogram('job_work_seconds', 'From the start of a job to its end', [
      'queue',
      'result',
    ]);
    return (queue, result, { waitSeconds, workSeconds }) => {
      wait.observe({ queue }, waitSeconds);
      work.observe({ queue, result }, workSeconds);
    };
  }
}
