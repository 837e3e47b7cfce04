// A plugin of osls: stops a deployment that would fail later or wouldn't work, and says what to do.
import { providerNames, secretKeys, selectedProviders } from './serverless-provider.mjs';

const deploying = ['package', 'deploy', 'deploy function'];

// What CloudFormation replaces by a secret of AWS Secrets Manager, or by a parameter of Systems Manager that is not
// encrypted. It doesn't replace references to encrypted ones in a function's settings.
const reference = /^\{\{resolve:(secretsmanager|ssm|ssm-secure):[^{}]+\}\}$/;

// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
const parameterName = /^(\/[\w.-]+)+(:[\w.-]+)?$/;

// As in shared/config: the relay refuses weaker keys, but only when it starts.
const minKeyLength = 32;
const minKeyDifferent = 8;

/** The names of the stages in the configuration's params. */
export function stages({ params }) {
  return Object.keys(params ?? {}).filter((name) => name !== 'default');
}

export default class ServerlessCheck {
  constructor(serverless) {
    this.serverless = serverless;
    this.hooks = { initialize: () => this.#check() };
  }

  #check() {
    const { service, configurationInput, processedInput } = this.serverless;
    const { stage, environment } = service.provider;
    const known = stages(configurationInput);
    if (!known.includes(stage)) {
      this.#refuse(`There is no stage "${stage}". serverless.yml has ${known.join(' and ')} under params. Name one of them with --stage, or add yours there.`);
    }
    if (!deploying.includes(processedInput.commands.join(' '))) return;

    const [providers, selected] = [providerNames(), selectedProviders(environment.RELAY_PROVIDER)];
    const repeated = selected.find((name, i) => selected.indexOf(name) < i);
    if (repeated) this.#refuse(`RELAY_PROVIDER lists ${repeated} twice.`);
    const unknown = selected.find((name) => !providers.includes(name));
    if (unknown !== undefined) {
      this.#refuse(`There is no provider "${unknown}". providers/ has ${providers.join(', ')}. RELAY_PROVIDER or module_settings.json names those to deploy; \`go run ./cmd/relay providers --use NAME\` changes the latter.`);
    }
    if (!environment.SECRET_KEY && !environment.SECRET_KEY_PARAMETER) {
      this.#refuse(`Stage ${stage} has no SECRET_KEY. The relay refuses every token without one. This makes a key and a token, and keeps the key in .env.${stage}:\n\n  go run ./cmd/relay jwt ${stage} --save`);
    }
    const { subnetIds, securityGroupIds } = service.provider.vpc;
    if ((subnetIds.length > 0) !== (securityGroupIds.length > 0)) {
      this.#refuse('The parameters subnets and securityGroups belong together: a network needs both.');
    }
    for (const name of secretKeys) {
      const parameter = environment[`${name}_PARAMETER`];
      if (parameter && !(parameter.startsWith(`/${service.service}/`) && parameterName.test(parameter))) {
        this.#refuse(`${name}_PARAMETER is "${parameter}". The functions may only read parameters such as /${service.service}/${stage}/SECRET_KEY, with or without a version (:2).`);
      }
      const key = (environment[name] ?? '').trim();
      const [, kind] = reference.exec(key) ?? [];
      if (kind === 'ssm-secure') {
        this.#refuse(`${name} refers to an encrypted parameter, which CloudFormation can't pass to Lambda. Set ${name}_PARAMETER to its name, and the functions read it themselves.`);
      }
      const characters = [...key];
      const different = new Set(characters).size;
      if (!kind && characters.length > 0 && (characters.length < minKeyLength || different < minKeyDifferent)) {
        this.#refuse(`${name} is a weak key. It has ${characters.length} characters, ${different} of them different, and needs at least ${minKeyLength} and ${minKeyDifferent}. Remove it, and make one with:\n\n  go run ./cmd/relay jwt ${stage} --save`);
      }
    }
  }

  #refuse(message) {
    throw new this.serverless.classes.Error(message);
  }
}
