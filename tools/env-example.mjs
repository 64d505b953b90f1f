// Generates /.env.example from the schemas of the config classes (`--write`), or says that it is stale (`--check`).
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from './ensure-built.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const file = join(root, '.env.example');
const load = createRequire(import.meta.url);
const mode = process.argv[2];

/** What `npm start` itself reads, besides handing everything on to the services. */
const startEntries = [
  [
    'OPENAI_API_KEY',
    'Key of the model that the demo channels use; a server on your own machine needs none',
    '',
  ],
  [
    'OPENAI_MODEL',
    'Model that the demo channels use, together with OPENAI_BASE_URL or OPENAI_API_KEY; unset: the demo agent',
    '',
  ],
].map(([name, description, fallback]) => ({
  app: 'npm start',
  name,
  description,
  default: fallback,
}));

/** The sandbox shares no code with the services, its schema included; its defaults are asked for, its words are here. */
const sandboxWords = {
  BIND_HOST: '',
  SANDBOX_PORT: 'Chat page, control API and platform API of the sandbox; 0 picks a port',
  SANDBOX_SEED:
    'Starts with one organisation, people, groups and two bots; false: an empty organisation',
  SANDBOX_PUBLIC_URL:
    'What the outside world calls this sandbox; unset: the address the request came to',
  SANDBOX_REDELIVERY_MS:
    'How long a robot message may stay unacknowledged before it is pushed again',
  SANDBOX_QPS: 'Calls per second of one app and API path; above it the sandbox answers 403',
  SANDBOX_DISCONNECT_CLOSE_MS:
    'Pause between the disconnect frame and the close of that connection',
  SANDBOX_PING_MS: 'Interval of SYSTEM ping frames on every connection',
  SANDBOX_TLS_CERT_FILE: 'PEM file; with SANDBOX_TLS_KEY_FILE the sandbox speaks TLS',
  SANDBOX_TLS_KEY_FILE: 'PEM file of the key',
};

if (mode !== '--check' && mode !== '--write') fail('usage: env-example.mjs --check | --write');
if (!ensureBuilt()) fail('the build failed: see its messages above');
const text = exampleOf([...serviceEntries(), ...sandboxEntries(), ...startEntries]);
if (mode === '--write') {
  writeFileSync(file, text);
} else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
  fail('.env.example is stale: npm run env:write');
}

/** Each app's config class carries its schema: `XxxConfig.schema`. */
function serviceEntries() {
  const { Secret } = load(join(root, 'dist/libs/common/config/src/index.js'));
  return readdirSync(join(root, 'apps')).flatMap((app) => {
    const config = join(root, `dist/apps/${app}/src/${app}.config.js`);
    const found = existsSync(config) ? Object.values(load(config)) : [];
    const schema = found.map((one) => one.schema).find(Boolean);
    return Object.entries(schema?.shape ?? {}).map(([name, field]) =>
      entryOf(app, name, field, Secret),
    );
  });
}

function entryOf(app, name, field, Secret) {
  const unset = field.safeParse(undefined);
  // Samples that the secrets' own rules let pass: any text, a key ring, addresses of the stores.
  const samples = [
    'x'.repeat(32),
    `x:${Buffer.alloc(32).toString('base64')}`,
    'postgres://host',
    'redis://host',
  ];
  const secret = samples.some((sample) => field.safeParse(sample).data instanceof Secret);
  if (!field.description) fail(`${name} of ${app} has no description: .describe() it`);
  return {
    app,
    name,
    description: field.description,
    default: unset.data,
    required: !unset.success,
    secret,
  };
}

function sandboxEntries() {
  const { readSandboxConfig } = load(join(root, 'dist/apps/sandbox/src/sandbox.config.js'));
  const defaults = readSandboxConfig({});
  const strange = Object.keys(defaults).filter((name) => !(name in sandboxWords));
  if (strange.length > 0) fail(`tools/env-example.mjs has no words for ${strange.join(', ')}`);
  return Object.entries(sandboxWords).map(([name, description]) => ({
    app: 'sandbox',
    name,
    description,
    default: defaults[name],
  }));
}

/** Variables that several processes read come first, then each one's own. Within a section in alphabetical order. */
function exampleOf(entries) {
  const byName = new Map();
  for (const entry of entries) {
    const known = byName.get(entry.name);
    if (known) known.apps.add(entry.app);
    else byName.set(entry.name, { ...entry, apps: new Set([entry.app]) });
  }
  const services = new Set(
    entries.map(({ app }) => app).filter((app) => app !== 'npm start' && app !== 'sandbox'),
  );
  const sections = new Map();
  for (const entry of [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const section = titleOf(entry.apps, services);
    sections.set(section, [...(sections.get(section) ?? []), entry]);
  }
  const parts = [...sections.keys()]
    .sort(
      (a, b) => Number(b.startsWith('every')) - Number(a.startsWith('every')) || (a < b ? -1 : 1),
    )
    .map((section) =>
      [`## Read by ${section}`, ...sections.get(section).map(entryText)].join('\n\n'),
    );
  const head = [
    '# Every variable of every process. Generated by `npm run env:write` from the schemas in the code; do not edit.',
    '# `npm start` needs none of them: what is not set is embedded or generated under .data/.',
    '# An empty value counts as unset. Nothing reads a .env file by itself: docker compose does, or',
    '# `node --env-file=.env dist/apps/gateway/main.js`.',
  ].join('\n');
  return `${[head, ...parts].join('\n\n')}\n`;
}

function titleOf(apps, services) {
  const everywhere = [...services].every((app) => apps.has(app));
  const others = [...apps].filter((app) => !everywhere || !services.has(app));
  return [...(everywhere ? ['every service'] : []), ...others].join(', ');
}

/** A required variable stands open, everything else as a comment that shows its default. */
function entryText({ name, description, default: fallback, required, secret }) {
  const notes = [required ? 'required' : '', secret ? 'secret' : ''].filter(Boolean).join(', ');
  const comment = wrapped(`${description ?? ''}${notes ? ` (${notes})` : ''}`.trim());
  const value = fallback === undefined || fallback === null ? '' : textOf(fallback);
  return `${comment}\n${required ? '' : '# '}${name}=${value}`;
}

/** As it would be written: lists with commas, what is read from JSON as JSON. */
function textOf(value) {
  const isJson = typeof value === 'object' && !Array.isArray(value);
  return isJson ? JSON.stringify(value) : String(value);
}

function wrapped(text) {
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1);
    if (line && line.length + word.length > 96) lines.push(word);
    else lines[lines.length - 1] = line ? `${line} ${word}` : word;
  }
  return lines.map((line) => `# ${line}`.trimEnd()).join('\n');
}

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}
