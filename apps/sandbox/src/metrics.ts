import type { ConnectionPool } from './stream/connection-pool';
import type { World } from './world/world';

/** The sandbox in Prometheus text: enough to look at a load test. */
export function metricsText(world: World, pool: ConnectionPool): string {
  const calls = countBy(world.calls.list(), (call) => `api="${call.name}",status="${call.status}"`);
  const violations = countBy(world.violations.list(), (one) => `kind="${one.kind}"`);
  const connections = countBy(
    pool.of(),
    (one) => `client_id="${one.clientId.replace(/["\\\n]/g, '_')}"`,
  );
  const open = world.cards.list().filter((card) => card.isOpen).length;
  return [
    ...gauge('sandbox_recorded_calls', calls),
    ...gauge('sandbox_recorded_violations', violations),
    ...gauge('sandbox_connections', connections),
    '# TYPE sandbox_open_cards gauge',
    `sandbox_open_cards ${open}`,
    '',
  ].join('\n');
}

function gauge(name: string, counts: ReadonlyMap<string, number>): string[] {
  return [
    `# TYPE ${name} gauge`,
    ...[...counts].map(([labels, count]) => `${name}{${labels}} ${count}`),
  ];
}

function countBy<T>(items: readonly T[], labelsOf: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(labelsOf(item), (counts.get(labelsOf(item)) ?? 0) + 1);
  return counts;
}
