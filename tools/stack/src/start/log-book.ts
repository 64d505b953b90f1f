import {
  createWriteStream,
  existsSync,
  mkdirSync,
  renameSync,
  statSync,
  type WriteStream,
} from 'node:fs';
import { join } from 'node:path';
import { humanLine, parseLogLine } from './human-log';

const maxBytes = 20 * 1024 * 1024;
const quietMs = 10_000;

/** One file per process under .data/logs; warnings and errors go to the terminal too, the same one not too often. */
export class LogBook {
  private readonly files = new Map<string, WriteStream>();
  private readonly shown = new Map<string, { at: number; hidden: number }>();

  constructor(
    private readonly folder: string,
    private readonly print: (line: string) => void,
    private readonly moreLikeThis: (count: number) => string,
    private readonly now: () => number = Date.now,
  ) {
    mkdirSync(folder, { recursive: true });
  }

  fileOf(name: string): string {
    return join(this.folder, `${name}.log`);
  }

  /** What a store says belongs into its file alone. */
  note(name: string, line: string): void {
    this.open(name).write(`${line}\n`);
  }

  /** A service's line; one that is no JSON (a crash) is shown as it is. */
  take(name: string, line: string): void {
    this.note(name, line);
    const entry = parseLogLine(line);
    if (entry) this.show(`${name} ${String(entry['msg'])}`, humanLine(name, entry));
    else if (line.trim() !== '') this.print(`         ${name}: ${line}`);
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.files.values()].map((file) => new Promise((done) => file.end(done))),
    );
  }

  private show(kind: string, line: string | undefined): void {
    if (line === undefined) return;
    const last = this.shown.get(kind);
    if (last && this.now() - last.at < quietMs) {
      last.hidden += 1;
      return;
    }
    this.print(last?.hidden ? `${line} ${this.moreLikeThis(last.hidden)}` : line);
    this.shown.set(kind, { at: this.now(), hidden: 0 });
  }

  private open(name: string): WriteStream {
    const known = this.files.get(name);
    if (known) return known;
    const path = this.fileOf(name);
    if (existsSync(path) && statSync(path).size > maxBytes) renameSync(path, `${path}.1`);
    const file = createWriteStream(path, { flags: 'a' });
    file.on('error', () => undefined); // a full disk must not end the services
    this.files.set(name, file);
    return file;
  }
}
