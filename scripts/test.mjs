// Runs every check of the project, one after the other, and stops at the first that fails. Needs Go and Node, and a C
// compiler for the race detector.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import process, { arch, env, execPath, platform } from 'node:process';
import { buildFunctions } from './build.mjs';
import { install, installed } from './dependencies.mjs';
import { startDynamoDB } from './dynamodb.mjs';
import { go, goOutput, root } from './go.mjs';
import { providerNames, settings } from './serverless-provider.mjs';
import { checkVersions } from './versions.mjs';

// Lambda's binaries run if this machine has their kernel and processor. Otherwise the test builds its own.
const native = platform === 'linux' ? { x64: 'amd64', arm64: 'arm64' }[arch] : undefined;
const binaries = native && { RELAY_FUNCTIONS: join(root, '.build', native) };

// The developer's own settings must not change what the tests find.
for (const name of [...Object.keys(settings(env, providerNames())), 'SECRET_KEY', 'SECRET_KEY_PREVIOUS', 'RELAY_JWT', 'PORT']) delete env[name];

const steps = [
  ['gofmt', gofmt],
  ['go vet', () => go(['vet', './...'])],
  ['staticcheck', () => go(['tool', 'staticcheck', './...'])],
  ['go test -race', goTest],
  ['go test, with lists that are too large for the race detector', largeLists],
  [`the functions, ${native ? `linux/${native}` : 'built for this machine'}, through the Lambda Runtime API`, drive],
  ['sls package', checkPackage], // which builds the functions for linux/arm64
];
if (!installed()) steps.unshift(['npm ci', install]);
steps.unshift(['versions', checkVersions]);

function gofmt() {
  const gofmt = join(goOutput(['env', 'GOROOT']), 'bin', 'gofmt');
  const sources = readdirSync(root, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.') && name !== 'node_modules')
    .filter((entry) => entry.isDirectory() || entry.name.endsWith('.go'))
    .map(({ name }) => name);
  const { error, status, stdout } = spawnSync(gofmt, ['-l', ...sources], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`gofmt ended with status ${status}.`);
  if (stdout) throw new Error(`Not formatted, run gofmt -w on them:\n${stdout.trimEnd()}`);
}

async function goTest() {
  // Go turns cgo off by itself if it finds no compiler. On macOS the race detector doesn't need one.
  if (platform !== 'darwin' && goOutput(['env', 'CGO_ENABLED']) !== '1') {
    throw new Error('The race detector needs cgo: install a C compiler, such as gcc, and leave CGO_ENABLED unset.');
  }
  // The functions have a step of their own, and so has vet.
  const packages = goOutput(['list', './...']).split('\n').filter((name) => !name.endsWith('/functions'));
  go(['test', '-race', '-vet=off', ...packages], await dynamoDB());
}

async function largeLists() {
  go(['test', '-v', '-count=1', '-vet=off', '-run=^TestLarge', './providers/...'], await dynamoDB());
}

async function drive() {
  if (native) buildFunctions(native);
  go(['test', '-race', '-count=1', '-vet=off', './functions'], { ...binaries, ...(await dynamoDB()) });
}

// For the whole run, from when it is needed. Each test has a table of its own.
let database;

/** The variables by which Go's tests find a DynamoDB. */
async function dynamoDB() {
  database ??= await startDynamoDB();
  return { RELAY_DYNAMODB: database.url };
}

function checkPackage() {
  const folders = ['scripts', ...providerNames().map((name) => join('providers', name))];
  const tests = folders.flatMap((folder) =>
    readdirSync(join(root, folder)).filter((name) => name.endsWith('.test.mjs')).map((name) => join(folder, name)),
  );
  const { status } = spawnSync(execPath, ['--test', '--test-concurrency=2', '--test-reporter=spec', ...tests], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('The tests of the scripts failed.');
}

console.log(`This takes about five minutes on two cores, and less if Go has cached results. ${steps.length} steps.`);
const rows = [];
let failed = false;
for (const [title, step] of steps) {
  console.log(`\n== ${title}`);
  const started = performance.now();
  try {
    await step();
  } catch (error) {
    console.error(error.message);
    failed = true;
  }
  rows.push(`${failed ? 'FAIL' : 'ok  '} ${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${title}`);
  if (failed) break;
}

database?.stop();
console.log(`\n== ${failed ? 'failed' : 'passed'}\n${rows.join('\n')}`);
const left = steps.length - rows.length;
if (left > 0) console.log(`not run: ${left} more`);
process.exitCode = failed ? 1 : 0;
