// A plugin of osls: builds the functions and packs each into .serverless/<function>.zip before osls looks for it.
//
// They lie there because osls compares only what is in that folder with what is deployed. As unchanged code gives
// unchanged bytes, a deployment that changes nothing is skipped.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bootstrapPath, buildFunctions } from './build.mjs';
import { pack } from './pack.mjs';

const architectures = { arm64: 'arm64', x86_64: 'amd64' };

/**
 * The deployment package of one function: its binary and, where `store` names a file that is there, the watchlist's
 * store, which Lambda mounts read-only beside the binary.
 */
export function functionPackage(binary, store) {
  const files = [{ name: 'bootstrap', bytes: readFileSync(binary), mode: 0o755 }];
  if (store && existsSync(store)) files.push({ name: 'watchlist.db', bytes: readFileSync(store), mode: 0o644 });
  return pack(files);
}

export default class ServerlessGo {
  constructor(serverless, options, { log } = {}) {
    this.serverless = serverless;
    this.log = log;
    this.hooks = {
      // `sls package` and `sls deploy`, which has emptied .serverless by now
      'before:package:createDeploymentArtifacts': () => this.#package(serverless.service.getAllFunctions()),
      // `sls deploy function`
      'before:package:function:package': () => this.#package([options.function]),
    };
  }

  #package(names) {
    const { service, serviceDir } = this.serverless;
    const archOf = (name) =>
      architectures[service.getFunction(name).architecture ?? service.provider.architecture ?? 'x86_64'];
    for (const arch of new Set(names.map(archOf))) {
      buildFunctions(arch, names.filter((name) => archOf(name) === arch));
    }

    this.#warn(names);
    mkdirSync(join(serviceDir, '.serverless'), { recursive: true });
    for (const name of names) {
      const settings = service.getFunction(name);
      const store = packsStore(settings) && join(serviceDir, 'watchlist.db');
      const artifact = join('.serverless', `${name}.zip`);
      writeFileSync(join(serviceDir, artifact), functionPackage(bootstrapPath(archOf(name), name), store));
      settings.package = { ...settings.package, artifact };
    }
  }

  /** Names what can be deployed but won't work. */
  #warn(names) {
    const { service, serviceDir } = this.serverless;
    const stores = names.some((name) => packsStore(service.getFunction(name)));
    if (service.provider.environment.RELAY_PROVIDER === 'watchlist' && stores && !existsSync(join(serviceDir, 'watchlist.db'))) {
      this.log?.warning('There is no watchlist.db here: the relay will say that it has no watchlist. Make one with: go run ./cmd/relay watchlist --file watchlist.db import FILE');
    }
  }
}

/** Says whether a function reads the watchlist from a file in its package. */
function packsStore({ environment }) {
  return environment?.WATCHLIST_STORE === 'file';
}
