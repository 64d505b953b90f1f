import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogBook } from './log-book';

describe('log book', () => {
  let folder: string;
  let printed: string[];
  let now: number;
  let book: LogBook;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'logs-'));
    printed = [];
    now = 0;
    book = new LogBook(
      folder,
      (line) => printed.push(line),
      (count) => `(+${count})`,
      () => now,
    );
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const warn = (msg: string) => book.take('sender', JSON.stringify({ level: 40, msg }));

  it('keeps every line in the file of its process', async () => {
    book.take('sender', '{"level":30,"msg":"fine"}');
    warn('odd');
    book.note('redis', 'ready');
    await book.close();
    expect(readFileSync(book.fileOf('sender'), 'utf8').split('\n')).toHaveLength(3);
    expect(readFileSync(book.fileOf('redis'), 'utf8')).toBe('ready\n');
    expect(printed).toHaveLength(1);
  });

  it('does not repeat the same warning too often, and says how many it held back', () => {
    for (let i = 0; i < 4; i++) warn('odd');
    warn('other');
    expect(printed).toHaveLength(2);
    now = 10_000;
    warn('odd');
    expect(printed[2]).toMatch(/odd \(\+3\)$/);
  });

  it('shows what is no log line as it is: something crashed', () => {
    book.take('sender', 'TypeError: x');
    expect(printed[0]).toContain('sender: TypeError: x');
  });
});
