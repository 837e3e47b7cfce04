// A plugin of osls: builds the functions and packs each into .serverless/<function>.zip before osls looks for it.
//
// osls compares only the packages in that folder with the deployed ones. Unchanged code gives unchanged bytes, so a
// deployment without changes is skipped.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bootstrapPath, buildFunctions } from './build.mjs';
import { pack } from './pack.mjs';

const architectures = { arm64: 'arm64', x86_64: 'amd64' };

export default class ServerlessGo {
  constructor(serverless, options) {
    this.serverless = serverless;
    this.hooks = {
      // `sls package` and `sls deploy`, which has emptied .serverless by now
      'before:package:createDeploymentArtifacts': () => this.#package(serverless.service.getAllFunctions()),
      // `sls deploy function`
      'before:package:function:package': () => this.#package([options.function]),
    };
  }

  #package(names) {
    const { service, serviceDir } = this.serverless;
    const files = this.#files();
    // Without a right to a table, no function can use one.
    const tags = JSON.stringify(service.custom.rights).includes('"dynamodb:') ? [] : ['nodynamodb'];
    const archOf = (name) =>
      architectures[service.getFunction(name).architecture ?? service.provider.architecture ?? 'x86_64'];
    for (const arch of new Set(names.map(archOf))) {
      buildFunctions(arch, names.filter((name) => archOf(name) === arch), tags);
    }
    mkdirSync(join(serviceDir, '.serverless'), { recursive: true });
    for (const name of names) {
      const bootstrap = { name: 'bootstrap', bytes: readFileSync(bootstrapPath(archOf(name), name)), mode: 0o755 };
      const artifact = join('.serverless', `${name}.zip`);
      writeFileSync(join(serviceDir, artifact), pack([bootstrap, ...files]));
      service.getFunction(name).package = { ...service.getFunction(name).package, artifact };
    }
  }

  /** The files beside each binary. */
  #files() {
    const { service, serviceDir, classes } = this.serverless;
    return service.custom.files.map(({ name, path, remedy }) => {
      const source = resolve(serviceDir, path);
      if (!existsSync(source)) throw new classes.Error(`There is no ${path} to deploy: ${remedy}.`);
      const bytes = readFileSync(source);
      if (bytes.includes('PRIVATE KEY-----')) throw new classes.Error(`${path} contains a private key, which would be deployed: ${remedy}.`);
      return { name, bytes, mode: 0o644 };
    });
  }
}
