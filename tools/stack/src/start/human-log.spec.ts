import { humanLine, parseLogLine } from './human-log';

describe('log lines for people', () => {
  it('are for warnings and errors alone', () => {
    expect(humanLine('sender', { level: 30, msg: 'reply finished' })).toBeUndefined();
    expect(humanLine('sender', { level: 40, msg: 'card silent' })).toContain('warn');
    expect(humanLine('sender', { level: 50, msg: 'card lost' })).toContain('error');
  });

  it('show time, app, message and the fields that say something', () => {
    const entry = { level: 40, time: 0, service: 's', pid: 1, hostname: 'h', msg: 'card silent' };
    expect(humanLine('sender', { ...entry, code: 'timeout', attempt: 2, turnId: null })).toMatch(
      /^\d\d:\d\d:\d\d warn {2}sender {5}card silent code=timeout attempt=2$/,
    );
  });

  it('show the first line of an error', () => {
    const error = { message: 'it broke\n  at x', stack: 'long' };
    expect(humanLine('sender', { level: 50, msg: 'bug', error })).toMatch(/bug error=it broke$/);
  });

  it('cut what is too long', () => {
    expect(humanLine('a', { level: 50, msg: 'm', text: 'x'.repeat(1_000) })?.length).toBeLessThan(
      200,
    );
  });

  it('come from JSON lines with a level or a message alone', () => {
    expect(parseLogLine('Error: x')).toBeUndefined();
    expect(parseLogLine('{ half')).toBeUndefined();
    expect(parseLogLine('{"some":"JSON"}')).toBeUndefined();
    expect(parseLogLine('{"msg":"no level"}')).toEqual({ msg: 'no level' });
    expect(parseLogLine('{"level":30,"msg":"listening"}')).toMatchObject({ msg: 'listening' });
  });
});
