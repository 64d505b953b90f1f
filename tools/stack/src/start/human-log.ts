/** Fields of a pino line that are no news to a person at the terminal. */
const dull = new Set([
  'level',
  'time',
  'pid',
  'hostname',
  'service',
  'msg',
  'correlationId',
  'nest',
]);
const warningLevel = 40;
const errorLevel = 50;

/** A line of a service, parsed; undefined when it is no log line. */
export function parseLogLine(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null && ('level' in parsed || 'msg' in parsed)
      ? (parsed as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined; // some other text that begins with a bracket
  }
}

/** A warning or error as one line for people; undefined for what belongs to the log file alone. */
export function humanLine(app: string, entry: Record<string, unknown>): string | undefined {
  const level = Number(entry['level']);
  if (!(level >= warningLevel)) return undefined;
  const name = level >= errorLevel ? 'error' : 'warn ';
  const fields = Object.entries(entry)
    .filter(([key, value]) => !dull.has(key) && value !== undefined && value !== null)
    .map(([key, value]) => `${key}=${short(value)}`);
  return [clock(entry['time']), name, app.padEnd(10), String(entry['msg'] ?? ''), ...fields]
    .join(' ')
    .trimEnd();
}

function clock(time: unknown): string {
  const at = new Date(typeof time === 'number' || typeof time === 'string' ? time : Date.now());
  return Number.isNaN(at.getTime()) ? '--:--:--' : at.toTimeString().slice(0, 8);
}

function short(value: unknown): string {
  const text = typeof value === 'string' ? value : (messageOf(value) ?? JSON.stringify(value));
  const line = text.split('\n', 1)[0] ?? '';
  return line.length > 160 ? `${line.slice(0, 160)}…` : line;
}

function messageOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('message' in value)) return undefined;
  return String(value.message);
}
