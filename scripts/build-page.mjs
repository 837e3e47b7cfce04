// Builds the page that `relay serve` shows: web/src becomes web/dist, which is committed. Needs npm ci.
//
//   node scripts/build-page.mjs           writes web/dist
//   node scripts/build-page.mjs --check   fails if web/dist is not what web/src makes
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { root } from './go.mjs';

const from = join(root, 'web', 'src');
const to = join(root, 'web', 'dist');

/** The page's files by their name. The same source gives the same bytes. */
export async function buildPage() {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: { app: join(from, 'main.tsx'), styles: join(from, 'app.css') },
    outdir: to,
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    logLevel: 'warning',
  });
  const files = new Map(outputFiles.map(({ path, contents }) => [relative(to, path).replace('styles.css', 'app.css'), Buffer.from(contents)]));
  for (const name of ['index.html', 'icon.svg', 'sample.json']) files.set(name, readFileSync(join(from, name)));
  files.set('LICENSES.txt', Buffer.from(licences()));
  return files;
}

/** The licences of the libraries that are in the bundle. */
function licences() {
  return ['preact', 'chart.js', '@kurkle/color', 'cytoscape', 'marked', 'dompurify', 'world-atlas']
    .map((name) => {
      const folder = join(root, 'node_modules', name);
      const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const file = ['LICENSE', 'LICENSE.md', 'LICENSE.txt'].map((f) => join(folder, f)).find((path) => {
        try {
          return readFileSync(path);
        } catch {
          return false;
        }
      });
      if (!file) throw new Error(`${name} has no licence.`);
      return `${name} ${version}\n\n${readFileSync(file, 'utf8').trim()}\n`;
    })
    .join('\n----------\n\n');
}

/** Throws if the committed page is not the one that the source makes. */
export async function checkPage() {
  for (const [name, made] of await buildPage()) {
    let committed;
    try {
      committed = readFileSync(join(to, name));
    } catch {
      // it is missing
    }
    if (!committed?.equals(made)) throw new Error(`web/dist/${name} is stale: run node scripts/build-page.mjs and commit web/dist.`);
  }
}

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) {
  if (argv[2] === '--check') await checkPage();
  else {
    const files = await buildPage();
    mkdirSync(to, { recursive: true });
    for (const name of readdirSync(to)) if (!files.has(name)) rmSync(join(to, name));
    for (const [name, contents] of files) writeFileSync(join(to, name), contents);
    console.log([...files].map(([name, contents]) => `${name} ${(contents.length / 1024).toFixed(0)} KB`).join(', '));
  }
}
