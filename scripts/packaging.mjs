// For tests: runs sls in the project or in copies of its configuration, and reads what would be deployed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { functionNames } from './build.mjs';
import { root } from './go.mjs';
import { providerNames, settings } from './serverless-provider.mjs';

/** A key of 64 characters that begins with the letter. */
export const keyOf = (letter) => letter.repeat(8) + '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRST';
export const secretKey = keyOf('k');

// Settings of the developer's own would change what is packaged.
const unset = Object.fromEntries(
  ['AWS_REGION', 'AWS_ENDPOINT_URL', 'SECRET_KEY_PARAMETER', 'SECRET_KEY_PREVIOUS_PARAMETER', ...Object.keys(settings(process.env, providerNames()))].map((name) => [name, undefined]),
);

/** Runs sls in a folder, with a key and no settings except those in `env`. Returns its exit status and its output. */
export async function sls(args, { cwd = root, env = {} } = {}) {
  const binary = join(root, 'node_modules', 'osls', 'bin', 'serverless.js');
  const child = spawn(process.execPath, [binary, ...args], {
    cwd,
    env: { ...process.env, ...unset, SECRET_KEY: secretKey, SECRET_KEY_PREVIOUS: '', NODE_NO_WARNINGS: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const [status] = await once(child, 'close');
  return { status, output };
}

/** Packages a stage with parameters and returns the CloudFormation template that would be deployed. */
export async function slsPackage({ stage = 'dev', params = {}, cwd = root, env } = {}) {
  const given = Object.entries(params).flatMap(([name, value]) => ['--param', `${name}=${value}`]);
  const { status, output } = await sls(['package', '--stage', stage, ...given], { cwd, env });
  assert.equal(status, 0, `sls package failed:\n${output}`);
  return JSON.parse(readFileSync(join(cwd, '.serverless', 'cloudformation-template-update-stack.json'), 'utf8'));
}

/**
 * Copies what sls needs to package the service, except .env files and Go code, into a temporary folder. Packages of the
 * copy contain the build tags in place of a binary, which is much faster than a build. Removed by `t.after`, where `t`
 * is the test's context or the module node:test.
 */
export function copyOfConfiguration(t) {
  const copy = mkdtempSync(join(tmpdir(), 'relay-package-'));
  t.after(() => rmSync(copy, { recursive: true }));
  for (const name of ['scripts', 'serverless.yml', 'module_settings.json', 'package.json']) {
    cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  for (const name of providerNames()) {
    mkdirSync(join(copy, 'providers', name), { recursive: true });
    const file = join('providers', name, 'serverless.yml');
    if (existsSync(join(root, file))) cpSync(join(root, file), join(copy, file));
  }
  writeFileSync(join(copy, 'scripts', 'build.mjs'), stubOfBuild);
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
  return copy;
}

const stubOfBuild = `
import { writeFileSync } from 'node:fs';
export const functionNames = () => ${JSON.stringify(functionNames())};
export const bootstrapPath = () => import.meta.dirname + '/bootstrap';
export const buildFunctions = (arch, names, tags) => writeFileSync(bootstrapPath(), tags.join());
export const flawOfSettings = () => '';
`;

/** The resources of a type in a template, as [logical name, resource]. */
export function ofType(type, { Resources }) {
  return Object.entries(Resources).filter(([, resource]) => resource.Type === type);
}

/** The properties of the resources of a type by the value of one property, without a prefix that all values have. */
export function byName(type, property, prefix, template) {
  return Object.fromEntries(ofType(type, template).map(([, { Properties }]) => [Properties[property].slice(prefix.length), Properties]));
}

/** The settings of each function in a template, by the function's name. */
export function environments(template) {
  return Object.fromEntries(
    ofType('AWS::Lambda::Function', template).map(([, { Properties }]) => [Properties.FunctionName, Properties.Environment.Variables]),
  );
}

/**
 * The mode of each file in a zip, by its name. The record at the end of a zip contains where the central directory starts
 * and how many entries it has (APPNOTE.TXT, 4.3.12 and 4.3.16).
 */
export function modes(zip) {
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
