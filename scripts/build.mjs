// Builds the functions for Lambda: functions/<name>/main.go becomes .build/<arch>/<name>/bootstrap.
//
//   node scripts/build.mjs [arm64] [amd64]      arm64, the deployed architecture, by default
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';
import { go, goOutput, root } from './go.mjs';

const architectures = ['arm64', 'amd64'];

// Nothing of the machine goes into a binary: no path, no commit, no build id, no processor features that the
// developer's own settings ask for. So the same source and the same Go give the same bytes.
const flags = ['-trimpath', '-buildvcs=false', '-ldflags=-s -w -buildid='];
const environment = { GOOS: 'linux', CGO_ENABLED: '0', GOAMD64: 'v1', GOARM64: 'v8.0', GOEXPERIMENT: '' };

/** The names of the functions, sorted: the folders in functions/ that hold a main.go. */
export function functionNames() {
  const folder = join(root, 'functions');
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'main.go')))
    .sort();
}

/** Where the binary of a function lies once it is built. */
export function bootstrapPath(arch, name) {
  return join(root, '.build', arch, name, 'bootstrap');
}

/**
 * Builds the named functions for an architecture, by default all. Throws when one does not build. The build tag
 * nodynamodb leaves out AWS's client for DynamoDB, which makes each start slower.
 */
export function buildFunctions(arch, names = functionNames(), tags = []) {
  if (!architectures.includes(arch)) {
    throw new Error(`Lambda has no architecture "${arch}": it is one of ${architectures.join(', ')}.`);
  }
  // One go command for all of them shares what it loads. It names each binary after its folder, so they are moved.
  const made = join(root, '.build', `${arch}.new`);
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { recursive: true });
  // Without lambda.norpc, the runtime of the retired go1.x would be linked in, with net/rpc.
  go(['build', ...flags, `-tags=${['lambda.norpc', ...tags].join()}`, '-o', made, ...names.map((name) => `./functions/${name}`)], { ...environment, GOARCH: arch });
  for (const name of names) {
    mkdirSync(join(root, '.build', arch, name), { recursive: true });
    renameSync(join(made, name), bootstrapPath(arch, name));
  }
  rmSync(made, { recursive: true });
}

/** Returns why the functions would not start with these environment variables, as text, or '' if they would. */
export function flawOfSettings(variables) {
  // Built like the relay of npm start, whose packages are in Go's cache then.
  return goOutput(['run', '-trimpath', './functions/internal/checksettings'], { ...variables, CGO_ENABLED: '0', GOOS: '', GOARCH: '' });
}

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) {
  try {
    const wanted = argv.length > 2 ? argv.slice(2) : ['arm64'];
    wanted.forEach((arch) => buildFunctions(arch));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
