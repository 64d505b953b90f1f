import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';

/** True when somebody could listen there now. */
export function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return listenBriefly(port, host).then(
    () => true,
    () => false,
  );
}

/** Below those that systems hand out to whoever asks for any: nobody gets such a port by chance before it is used. */
const OURS = { from: 20_000, count: 12_000 };

/** A port that is free now; another one each time. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (let tries = 0; tries < 50; tries += 1) {
    const port = OURS.from + Math.floor(Math.random() * OURS.count);
    if (await isPortFree(port, host)) return port;
  }
  return listenBriefly(0, host);
}

/** The port noted in this file if it is free, else a new one, noted there: addresses survive restarts. */
export async function rememberedPort(file: string): Promise<number> {
  const noted = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  if (Number.isInteger(noted) && noted > 0 && (await isPortFree(noted))) return noted;
  const port = await freePort();
  writeFileSync(file, `${port}\n`);
  return port;
}

function listenBriefly(port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host, exclusive: true }, () => {
      const { port: bound } = server.address() as AddressInfo;
      server.close(() => resolve(bound));
    });
  });
}
