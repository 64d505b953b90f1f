// Specs of the pages need a browser: the one that is here, or Debian's, installed when we may (root and apt).
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The browser's path, or undefined after saying why the specs that need one are skipped. */
export function ensureChromium() {
  const here = process.env.CHROMIUM_PATH || onPath(names);
  if (here) return here;
  const refusal = reasonNotToInstall();
  const installed = refusal ? undefined : install();
  if (!installed) {
    console.log(
      `no browser: ${refusal ?? 'apt-get could not install chromium'}; browser specs are skipped`,
    );
  }
  return installed;
}

function onPath(wanted) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of wanted) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // not in this folder
      }
    }
  }
  return undefined;
}

function reasonNotToInstall() {
  if (!onPath(['apt-get']))
    return 'there is no apt-get here; install chromium and put it on the PATH';
  if (process.getuid?.() !== 0) return 'not root; run "sudo apt-get install chromium"';
  return undefined;
}

function install() {
  console.log('installing chromium for the browser specs (apt-get, once) …');
  const apt = (...args) =>
    spawnSync('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=300', ...args], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  apt('update'); // a broken third-party source must not stop us: the next step shows whether it was enough
  apt('install', '-y', '--no-install-recommends', 'chromium');
  return onPath(names);
}
