// A plugin of osls: stops a deployment that would fail later or wouldn't work, and says what to do.
import { resolve } from 'node:path';
import { flawOfSettings } from './build.mjs';
import { secretKeys } from './serverless-provider.mjs';

const deploying = ['package', 'deploy', 'deploy function'];

// CloudFormation replaces references such as !Ref X or {{resolve:secretsmanager:...}} by their values, except those to
// encrypted parameters of Systems Manager in a function's settings.
const isReference = (value) => typeof value === 'object' || String(value).includes('{{resolve:');
const encrypted = '{{resolve:ssm-secure:';

// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
const parameterName = /^(\/[\w.-]+)+(:[\w.-]+)?$/;

/** The names of the stages in the configuration's params. */
export function stages({ params }) {
  return Object.keys(params ?? {}).filter((name) => name !== 'default');
}

export default class ServerlessCheck {
  constructor(serverless, options) {
    this.serverless = serverless;
    this.options = options;
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

    const all = [configurationInput, ...Object.values(service.custom.providers)].flatMap(({ params }) => Object.values(params ?? {}));
    const parameters = new Set(all.flatMap((ofStage) => Object.keys(ofStage ?? {})));
    for (const name of (this.options.param ?? []).map((given) => given.split('=')[0])) {
      if (!parameters.has(name)) this.#refuse(`There is no parameter "${name}". There are ${[...parameters].sort().join(', ')}.`);
    }
    const { ThrottlingRateLimit, ThrottlingBurstLimit } = service.resources.extensions.HttpApiStage.Properties.DefaultRouteSettings;
    const numbers = { throttlingRate: ThrottlingRateLimit, throttlingBurst: ThrottlingBurstLimit, alarmLatency: service.custom.monitoring.latency };
    for (const [name, value] of Object.entries(numbers)) {
      if (!(Number(value) > 0)) this.#refuse(`The parameter ${name} is "${value}", not a number above 0.`);
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
      if (environment[name]?.includes(encrypted)) {
        this.#refuse(`${name} refers to an encrypted parameter, which CloudFormation can't pass to Lambda. Set ${name}_PARAMETER to its name, and the functions read it themselves.`);
      }
    }
    this.#checkSettings();
  }

  /** Refuses settings with which the functions would not start. */
  #checkSettings() {
    const { service, serviceDir } = this.serverless;
    const settings = { ...service.provider.environment };
    // The functions start without a key. A blank setting is unset.
    for (const name of secretKeys) if (settings[name] === undefined || isReference(settings[name])) settings[name] = '';
    if (Object.values(settings).some(isReference)) return;
    const files = Object.fromEntries(service.custom.files.map(({ name, path }) => [name, resolve(serviceDir, path)]));
    for (const [name, value] of Object.entries(settings)) settings[name] = files[value] ?? value;
    const flaw = flawOfSettings(settings);
    if (flaw) this.#refuse(`The functions would not start: ${flaw}.`);
  }

  #refuse(message) {
    throw new this.serverless.classes.Error(message);
  }
}
