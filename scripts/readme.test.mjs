// Follows the README in a copy of the project: its commands in their order, in one shell, as a newcomer would paste them.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import { root } from './go.mjs';

const readme = readFileSync(join(root, 'README.md'), 'utf8');

// Commands that need an account, that this test is a part of, or that it replaces. All others run.
const replaced = [
  [/^npm start\b.*/, 'npm start -- --token > start.txt & until grep -q "Ctrl-C stops it" start.txt; do sleep 0.2; done'],
  [/^npm test\b.*/, ''],
  [/^TOKEN=eyJ.*/, "TOKEN=$(sed -n \"s/.*Bearer \\(eyJ[^']*\\)'.*/\\1/p\" start.txt)"],
  [/^export AWS_.*/, ''],
  [/^npm install$/, ''], // node_modules is a link
  [/^npx sls deploy\b.*/, ''],
  [/^export XDR_.*/, ''],
  [/^(\.\/relay module add) --url URL.*/, '$1 --url https://relay.example --dry-run --jwt - <<< "$TOKEN"'],
  [/^(\.\/relay jwt dev --provider greynoise .*)/, 'echo a-key > key.txt; $1'],
  [/^(\.\/relay module add --provider greynoise) --url URL (.*)/, '$1 --url https://relay.example --dry-run $2 | grep https://relay.example/greynoise'],
  [/^(\.\/relay check) URL.*/, '$1 HOME_URL'],
];

function script(home) {
  const blocks = [...readme.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block]) => block);
  const commands = blocks.join('').replaceAll('\\\n', ' ').trimEnd().split('\n');
  for (const [pattern] of replaced) assert.ok(commands.some((line) => pattern.test(line)), `the README has no command like ${pattern}`);
  return commands
    .map((line) => replaced.reduce((text, [pattern, other]) => text.replace(pattern, other), line))
    .map((line) => line.replaceAll(/HOME_URL|http:\/\/127\.0\.0\.1:9000/g, home))
    .join('\n');
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

const skip = process.platform === 'win32' ? 'the README is written for a Unix shell' : !existsSync(join(root, '.git')) && 'needs the list of files from git';

test('the README works from top to bottom', { skip, timeout: 600_000 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'relay-readme-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const copy = join(folder, 'relay');
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' });
  for (const name of listed.split('\0').filter((name) => name && existsSync(join(root, name)))) {
    mkdirSync(dirname(join(copy, name)), { recursive: true });
    cpSync(join(root, name), join(copy, name));
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');

  const port = await freePort();
  const shell = spawn('bash', ['-e', '-u', '-o', 'pipefail'], {
    cwd: copy,
    env: {
      ...process.env, SECRET_KEY: undefined, RELAY_PROVIDER: undefined, LOG_LEVEL: 'warn', PORT: String(port), XDG_DATA_HOME: join(folder, 'data'),
      // Built as npm start builds, so that nothing is compiled twice.
      CGO_ENABLED: '0', GOFLAGS: '-trimpath', GOCACHE: execFileSync('go', ['env', 'GOCACHE'], { encoding: 'utf8' }).trim(),
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  shell.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  shell.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
  shell.stdin.end(`trap 'kill %1; wait' EXIT\n${script(`http://127.0.0.1:${port}`)}\n`);
  const [status] = await once(shell, 'close');
  assert.equal(status, 0, `${output}\n${errors}`);

  const [, shown] = /^```json\n(.*?)^```/ms.exec(readme);
  const [answered] = /\{"data":\{"verdicts".*?\]\}\}\}/.exec(output) ?? ['null'];
  // The sample's entries end some time after it was loaded.
  const withoutEnds = (text) => JSON.parse(text, (key, value) => (key === 'end_time' ? undefined : value));
  assert.deepEqual(withoutEnds(answered), withoutEnds(shown));
});
