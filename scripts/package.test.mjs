// Packages the service as a deployment would and checks what would be deployed.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { unzipSync } from 'fflate';
import { functionNames } from './build.mjs';
import { goOutput, root } from './go.mjs';
import { functionPackage } from './serverless-go.mjs';

const routes = {
  '/health': 'health',
  '/deliberate/observables': 'deliberate',
  '/observe/observables': 'observe',
  '/refer/observables': 'refer',
  '/respond/observables': 'respond',
  '/respond/trigger': 'respond',
  '/tiles': 'tiles',
  '/tiles/tile': 'tiles',
  '/tiles/tile-data': 'tiles',
  '/version': 'version',
};
const names = [...new Set(Object.values(routes))].sort();

// Settings that reach the functions from the environment of whoever deploys.
const relaySettings = {
  SECRET_KEY: 'k'.repeat(64),
  SECRET_KEY_PREVIOUS: 'p'.repeat(64),
  JWKS_HOSTS: 'keys.example',
  RELAY_URL: 'https://relay.example',
  RELAY_CONCURRENCY: '3',
  LOG_LEVEL: 'warn',
};
const watchlistSettings = { WATCHLIST_VALID_FOR: '48h', WATCHLIST_SEARCH: 'none' }; // with providers/watchlist

// The providers' own, of which only serverless.yml knows.
const service = readFileSync(join(root, 'serverless.yml'), 'utf8');
for (const [, name] of service.matchAll(/^ {4}(\w+): \$\{env:\1, ''\}$/gm)) relaySettings[name] ??= `the ${name}`;

/** What a function gets beside the relay's settings. */
function ownSettings(name) {
  return {
    ...(name !== 'version' && { ...watchlistSettings, WATCHLIST_FILE: 'watchlist.db', WATCHLIST_READ_ONLY: 'true' }), // with providers/watchlist
  };
}

const built = join(root, '.serverless');
const settings = JSON.parse(readFileSync(join(root, 'module_settings.json'), 'utf8'));

let folder;
let resources;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'relay-package-'));
  slsPackage();
  resources = JSON.parse(readFileSync(join(built, 'cloudformation-template-update-stack.json'), 'utf8')).Resources;
});
after(() => rmSync(folder, { recursive: true }));

function slsPackage() {
  const sls = join(root, 'node_modules', 'osls', 'bin', 'serverless.js');
  const env = { ...process.env, ...relaySettings };
  Object.assign(env, watchlistSettings); // with providers/watchlist
  const { status, stdout, stderr } = spawnSync(process.execPath, [sls, 'package', '--stage', 'test'], {
    cwd: root,
    env,
    encoding: 'utf8',
  });
  assert.equal(status, 0, `sls package failed:\n${stdout}${stderr}`);
}

function ofType(type) {
  return Object.entries(resources).filter(([, resource]) => resource.Type === type);
}

const zipOf = (name) => readFileSync(join(built, `${name}.zip`));

// Reads names and modes off the central directory of a zip. The record at its end says where that begins and how many
// entries it has (APPNOTE.TXT, 4.3.12 and 4.3.16).
function modes(zip) {
  const end = zip.length - 22;
  assert.equal(zip.toString('latin1', end, end + 4), 'PK\x05\x06', 'a zip without a comment');
  const found = {};
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [name, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    found[zip.toString('utf8', at + 46, at + 46 + name)] = (zip.readUInt32LE(at + 38) >>> 16) & 0o777;
    at += 46 + name + extra + comment;
  }
  return found;
}

test('each folder in functions/ is deployed as a function, and nothing else is', () => {
  assert.deepEqual(functionNames(), names);
  const deployed = ofType('AWS::Lambda::Function').map(([, { Properties }]) => Properties.FunctionName);
  assert.deepEqual(deployed.sort(), names.map((name) => `serverless-relay-test-${name}`));
});

test('each route leads to its own function, with and without a slash at its end', () => {
  const found = {};
  for (const [, { Properties: route }] of ofType('AWS::ApiGatewayV2::Route')) {
    const [, [prefix, { Ref: id }]] = route.Target['Fn::Join'];
    assert.equal(prefix, 'integrations');
    const { Type, Properties: integration } = resources[id];
    assert.equal(Type, 'AWS::ApiGatewayV2::Integration');
    assert.equal(integration.IntegrationType, 'AWS_PROXY');
    assert.equal(integration.PayloadFormatVersion, '2.0');
    const [lambda, attribute] = integration.IntegrationUri['Fn::GetAtt'];
    assert.equal(attribute, 'Arn');
    found[route.RouteKey] = resources[lambda].Properties.FunctionName;
  }
  const wanted = {};
  for (const [path, name] of Object.entries(routes)) {
    wanted[`POST ${path}`] = wanted[`POST ${path}/{slash+}`] = `serverless-relay-test-${name}`;
  }
  assert.deepEqual(found, wanted);
});

test('the API may invoke every function', () => {
  const allowed = ofType('AWS::Lambda::Permission').map(([, { Properties }]) => {
    assert.equal(Properties.Principal, 'apigateway.amazonaws.com');
    return resources[Properties.FunctionName['Fn::GetAtt'][0]].Properties.FunctionName;
  });
  assert.deepEqual(allowed.sort(), names.map((name) => `serverless-relay-test-${name}`));
});

for (const name of names) {
  test(`${name} runs its own code, with its settings`, () => {
    const [, { Properties: lambda }] = ofType('AWS::Lambda::Function').find(
      ([, { Properties }]) => Properties.FunctionName === `serverless-relay-test-${name}`,
    );
    assert.equal(lambda.Runtime, 'provided.al2023');
    assert.deepEqual(lambda.Architectures, ['arm64']);
    assert.equal(lambda.Handler, 'bootstrap');
    assert.ok(lambda.Timeout < 30, 'an HTTP API waits 30 seconds');
    assert.match(lambda.Code.S3Key, new RegExp(`/${name}\\.zip$`));
    assert.deepEqual(lambda.Environment.Variables, {
      ...relaySettings,
      RELAY_PROVIDER: settings.provider,
      ...ownSettings(name),
    });
  });

  test(`${name}.zip holds its own arm64 binary, executable`, () => {
    const zip = zipOf(name);
    const files = unzipSync(zip);
    const ships = readdirSync(root).includes('watchlist.db') && 'WATCHLIST_FILE' in ownSettings(name);
    assert.deepEqual(modes(zip), { bootstrap: 0o755, ...(ships ? { 'watchlist.db': 0o644 } : {}) });

    const header = Buffer.from(files.bootstrap.subarray(0, 20));
    assert.equal(header.toString('latin1', 0, 4), '\x7fELF');
    assert.equal(header[4], 2, '64 bits');
    assert.equal(header.readUInt16LE(18), 0xb7, 'AArch64');

    // What a Go binary says of itself: from which package and how it was built.
    const binary = join(folder, name);
    writeFileSync(binary, files.bootstrap);
    const about = goOutput(['version', '-m', binary]);
    const main = `${goOutput(['list', '-m'])}/functions/${name}`;
    assert.ok(about.includes(`\tpath\t${main}\n`), `${binary} is not built from ${main}:\n${about}`);
    for (const setting of ['GOOS=linux', 'GOARCH=arm64', 'CGO_ENABLED=0', '-trimpath=true', '-tags=lambda.norpc']) {
      assert.ok(about.includes(`\tbuild\t${setting}`), `${name} is built without ${setting}`);
    }
    assert.ok(!about.includes('\tvcs.'), 'a commit in the binary changes it without need');
  });
}

test('packaging again gives the same bytes', () => {
  const digests = () => names.map((name) => `${name} ${createHash('sha256').update(zipOf(name)).digest('hex')}`);
  const first = digests();
  slsPackage();
  assert.deepEqual(digests(), first);
});

test('a store is packed beside the binary where there is one', () => {
  const [binary, store] = [join(folder, 'bootstrap'), join(folder, 'store')];
  writeFileSync(binary, 'code');
  const alone = Buffer.from(functionPackage(binary, store));
  assert.deepEqual(modes(alone), { bootstrap: 0o755 });
  writeFileSync(store, 'indicators');
  const both = Buffer.from(functionPackage(binary, store));
  assert.deepEqual(modes(both), { bootstrap: 0o755, 'watchlist.db': 0o644 });
  assert.equal(Buffer.from(unzipSync(both)['watchlist.db']).toString(), 'indicators');
});
