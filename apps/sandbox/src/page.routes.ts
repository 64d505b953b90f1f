import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import express, { Router } from 'express';

const LANGUAGES = [
  'bash',
  'c',
  'cpp',
  'csharp',
  'css',
  'diff',
  'go',
  'java',
  'javascript',
  'json',
  'kotlin',
  'markdown',
  'php',
  'python',
  'ruby',
  'rust',
  'shell',
  'sql',
  'typescript',
  'xml',
  'yaml',
];
const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: http: https:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The chat page at `/` and the libraries it uses, all from this machine. */
export function pageRoutes(): Router {
  const router = Router();
  router.use((_req, res, next) => {
    res.set({ 'content-security-policy': CSP, 'x-content-type-options': 'nosniff' });
    next();
  });
  router.get(
    '/vendor/marked.js',
    serve(packageFile('marked', 'lib/marked.esm.js'), 'text/javascript'),
  );
  router.get(
    '/vendor/purify.js',
    serve(packageFile('dompurify', 'dist/purify.es.mjs'), 'text/javascript'),
  );
  router.get('/vendor/highlight.js', (_req, res) => {
    res.type('text/javascript').send(highlighter());
  });
  for (const theme of ['github', 'github-dark']) {
    router.get(
      `/vendor/${theme}.css`,
      serve(packageFile('highlight.js', `styles/${theme}.css`), 'text/css'),
    );
  }
  router.use(express.static(join(__dirname, 'public')));
  return router;
}

function packageFile(name: string, path: string): string {
  const entry = require.resolve(name);
  const root = entry.slice(
    0,
    entry.lastIndexOf(`node_modules/${name}/`) + `node_modules/${name}`.length,
  );
  return join(root || dirname(entry), path);
}

function serve(file: string, type: string): express.RequestHandler {
  return (_req, res) => {
    res.type(type).send(readFileSync(file, 'utf8'));
  };
}

let built: string | undefined;

/** highlight.js has CommonJS files only: wraps the core and a few languages into one browser module. */
function highlighter(): string {
  built ??= [
    'const load = (define) => { const module = { exports: {} }; define(module, module.exports); return module.exports; };',
    `const core = load((module, exports) => {${read('lib/core.js')}\n});`,
    ...LANGUAGES.map(
      (name) =>
        `core.registerLanguage('${name}', load((module, exports) => {${read(`lib/languages/${name}.js`)}\n}));`,
    ),
    'export default core;',
  ].join('\n');
  return built;
}

const read = (path: string): string => readFileSync(packageFile('highlight.js', path), 'utf8');
