// A plugin of osls: passes settings to the functions, and adds what the deployed providers need.
//
// Settings are the variables of the relay and the providers in the environment, which includes .env.<stage>. A prefix
// identifies them: a folder providers/acme stands for ACME_*. A provider that needs more than settings has a
// serverless.yml in its folder. The part `deploy` of that file may contain
//
//   environment  settings, which override those from the environment
//   resources    of CloudFormation
//   rights       IAM statements by function, see serverless-roles.mjs
//   files        to pack beside the binaries: names in the project's folder, each with what to do if it is missing
//
// If `deploy` is a text, the provider can't be deployed, and the text says why.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { root } from './go.mjs';

const relaySettings = /^(RELAY_|UPSTREAM_|JWKS_HOSTS$|LOG_LEVEL$)/;
// The certificates of UPSTREAM_CA_FILE, in a package
const caFile = 'upstream-ca.pem';
/** The settings with keys. NAME_PARAMETER instead names a parameter of Systems Manager that contains the key. */
export const secretKeys = ['SECRET_KEY', 'SECRET_KEY_PREVIOUS'];
// RELAY_JWT is a token for `relay check`. AWS_ and LAMBDA_ belong to Lambda.
const neverPassed = /^(RELAY_JWT$|AWS_|LAMBDA_)/;

/** The names of the providers, sorted: the folders in providers/, except internal/. */
export function providerNames(folder = join(root, 'providers')) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'internal')
    .map(({ name }) => name)
    .sort();
}

/** The settings of the relay and of the named providers among the variables. Empty ones are left out. */
export function settings(variables, providers) {
  const prefixes = providers.map((name) => `${name.toUpperCase()}_`);
  const isSetting = (name) => relaySettings.test(name) || prefixes.some((prefix) => name.startsWith(prefix));
  return pick(variables, (name, value) => isSetting(name) && !neverPassed.test(name) && !isEmpty(value));
}

export default class ServerlessProvider {
  constructor(serverless, options, { log }) {
    // The templates in .serverless contain the key: only the user may read what osls writes.
    process.umask(0o077);
    this.serverless = serverless;
    this.log = log;
    // ${setting:NAME} is ${env:NAME}, except that an empty variable counts as unset.
    this.configurationVariablesSources = {
      setting: { resolve: ({ address }) => ({ value: isEmpty(process.env[address]) ? null : process.env[address] }) },
      // ${providers:} is the serverless.yml of each deployed provider, by name.
      providers: { resolve: async ({ resolveVariable }) => ({ value: await providerFiles(resolveVariable) }) },
    };
    this.hooks = {
      initialize: () => this.#add(),
      'before:package:initialize': () => this.#name(),
      'before:package:finalize': () => this.#dropParameters(),
    };
  }

  #add() {
    const { service } = this.serverless;
    this.passed = settings(process.env, providerNames());
    service.custom.rights = {};
    service.custom.files = [];
    let all = this.passed;
    for (const { deploy } of Object.values(service.custom.providers)) {
      if (typeof deploy === 'string') throw new this.serverless.classes.Error(deploy);
      const { environment, resources, rights = {}, files = {} } = deploy ?? {};
      all = { ...all, ...environment };
      service.resources.Resources = { ...resources, ...service.resources.Resources };
      for (const [name, statements] of Object.entries(rights)) (service.custom.rights[name] ??= []).push(...statements);
      service.custom.files.push(...Object.entries(files).map(([name, remedy]) => ({ name, path: name, remedy })));
    }
    all = pick({ ...all, ...service.provider.environment }, (name, value) => !isEmpty(value));
    // A key that the functions read from a parameter may be in the environment too, for making tokens.
    for (const name of secretKeys) if (all[`${name}_PARAMETER`]) delete all[name];
    service.provider.environment = all;
    if (all.UPSTREAM_CA_FILE) {
      const remedy = 'UPSTREAM_CA_FILE names a file with certificates in PEM form';
      service.custom.files.push({ name: caFile, path: all.UPSTREAM_CA_FILE, remedy });
      all.UPSTREAM_CA_FILE = caFile;
    }
  }

  /** Keeps a key that no setting uses, as the stage refers to another one, out of the state that osls uploads. */
  #dropParameters() {
    const { service } = this.serverless;
    service.initialServerlessConfig = { ...service.initialServerlessConfig, params: undefined };
  }

  /** Names the settings that come from the environment: some may be left over there. */
  #name() {
    const names = Object.keys(this.passed).sort();
    if (names.length > 0) this.log.notice(`Settings from the environment: ${names.join(', ')}`);
  }
}

/** The names in the setting RELAY_PROVIDER, in its order. */
export function selectedProviders(list) {
  return String(list).split(',').map((name) => name.trim());
}

/** osls resolves the variables in the result, which the files need: they refer to themselves. */
async function providerFiles(resolveVariable) {
  const names = selectedProviders(await resolveVariable('self:provider.environment.RELAY_PROVIDER'));
  return Object.fromEntries(names.map((name) => [name, `\${file(./providers/${name}/serverless.yml), ''}`]));
}

function pick(object, accept) {
  return Object.fromEntries(Object.entries(object).filter(([name, value]) => accept(name, value)));
}

function isEmpty(value) {
  return value === undefined || String(value).trim() === '';
}
