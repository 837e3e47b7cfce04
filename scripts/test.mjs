// Runs every check of the project and stops at the first that fails. Needs Go and Node, and a C compiler for the race
// detector.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import process, { arch, env, execPath, platform, stdout } from 'node:process';
import { buildFunctions } from './build.mjs';
import { install, installed } from './dependencies.mjs';
import { startDynamoDB } from './dynamodb.mjs';
import { goOutput, root } from './go.mjs';
import { providerNames, settings } from './serverless-provider.mjs';
import { checkVersions } from './versions.mjs';

// Lambda's binaries run if this machine has their kernel and processor. Otherwise the test builds its own.
const native = platform === 'linux' ? { x64: 'amd64', arm64: 'arm64' }[arch] : undefined;

// The developer's own settings must not change what the tests find.
for (const name of [...Object.keys(settings(env, providerNames())), 'SECRET_KEY', 'SECRET_KEY_PREVIOUS', 'RELAY_JWT', 'PORT']) delete env[name];

// go vet and staticcheck read compiled packages. Those for the race detector are needed anyway, and others would be
// compiled for them alone.
const race = { GOFLAGS: `${env.GOFLAGS ?? ''} -race`.trim() };

// Steps that find most mistakes in seconds come first. The others run side by side in two lanes, as each of them leaves
// a core idle from time to time.
const first = [
  ['versions', checkVersions],
  ['C compiler', compiler],
  ['gofmt', gofmt],
  ['go vet', () => run('go', ['vet', './...'], race)],
  ['staticcheck', () => run(goOutput(['tool', '-n', 'staticcheck']), ['./...'], race)],
  ['the page was built from its source', page],
];
if (!installed()) first.splice(1, 0, ['npm ci', install]);
const lanes = [
  [['go test -race', goTest]],
  [
    [`the functions, ${native ? `linux/${native}` : 'built for this machine'}, through the Lambda Runtime API`, drive],
    ['sls package and the other scripts', testScripts], // builds the functions for linux/arm64
    ['go test, with what is too large for the race detector', large],
  ],
];

function compiler() {
  // Go turns cgo off by itself if it finds no compiler. On macOS the race detector doesn't need one.
  if (platform !== 'darwin' && goOutput(['env', 'CGO_ENABLED']) !== '1') {
    throw new Error('The race detector needs cgo: install a C compiler, such as gcc, and leave CGO_ENABLED unset.');
  }
}

async function gofmt() {
  const sources = readdirSync(root, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
    .filter((entry) => entry.isDirectory() || entry.name.endsWith('.go'))
    .map(({ name }) => name);
  const output = await run(join(goOutput(['env', 'GOROOT']), 'bin', 'gofmt'), ['-l', ...sources]);
  if (output) throw new Error('These files are not formatted: run gofmt -w on them.');
}

async function page() {
  await run(execPath, [join('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'web']);
  await run(execPath, [join('scripts', 'build-page.mjs'), '--check']);
}

async function goTest() {
  // The functions have a step of their own, and so has vet.
  const packages = goOutput(['list', './...']).split('\n').filter((name) => !name.endsWith('/functions'));
  await run('go', ['test', '-race', '-vet=off', ...packages], await dynamoDB());
}

/** Runs the tests in files named large_test.go, which the race detector's build leaves out. */
async function large() {
  const packages = ['providers', 'shared'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).filter((name) => basename(name) === 'large_test.go').map((name) => `./${folder}/${dirname(name).replaceAll(sep, '/')}`),
  );
  await run('go', ['test', '-trimpath', '-count=1', '-vet=off', '-run=^TestLarge', ...packages], { CGO_ENABLED: '0', ...(await dynamoDB()) });
}

async function drive() {
  if (native) buildFunctions(native);
  const binaries = native && { RELAY_FUNCTIONS: join(root, '.build', native) };
  await run('go', ['test', '-race', '-count=1', '-vet=off', './functions'], { ...binaries, ...(await dynamoDB()) });
}

async function testScripts() {
  const folders = ['scripts', ...providerNames().map((name) => join('providers', name))];
  const tests = folders.flatMap((folder) =>
    readdirSync(join(root, folder)).filter((name) => name.endsWith('.test.mjs')).map((name) => join(folder, name)),
  );
  await run(execPath, ['--test', '--test-concurrency=2', '--test-reporter=spec', ...tests]);
}

// For the whole run, from when it is needed. Each test has its own table.
let database;

/** The variables by which Go's tests find a DynamoDB. */
async function dynamoDB() {
  database ??= startDynamoDB();
  return { RELAY_DYNAMODB: (await database).url };
}

/** Runs a command in the project's folder, and prints its output when it has ended. Returns the output. */
async function run(command, args, variables = {}) {
  const child = spawn(command, args, { cwd: root, env: { ...env, ...variables }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const [code, signal] = await once(child, 'close');
  stdout.write(output);
  if (code !== 0) throw new Error(`${command} ${args[0]} ended with ${signal ?? `status ${code}`}.`);
  return output;
}

const rows = [];
let failed = false;

/** Takes steps in turn, until one of any lane has failed. */
async function take(steps) {
  for (const [title, step] of steps) {
    if (failed) return;
    console.log(`\n== ${title}`);
    const started = performance.now();
    let ended = 'ok  ';
    try {
      await step();
    } catch (error) {
      console.error(error.message);
      ended = 'FAIL';
      failed = true;
    }
    rows.push(`${ended} ${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${title}`);
  }
}

const count = [first, ...lanes].flat().length;
const began = performance.now();
console.log(`${count} steps. They take about five minutes on two cores, and less if Go has results in its cache.`);
await take(first);
await Promise.all(lanes.map(take));
(await database)?.stop();
console.log(`\n== ${failed ? 'failed' : 'passed'} in ${((performance.now() - began) / 1000).toFixed(0)} s\n${rows.join('\n')}`);
if (rows.length < count) console.log(`not run: ${count - rows.length} more`);
process.exitCode = failed ? 1 : 0;
