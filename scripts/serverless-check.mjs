// A plugin of osls: refuses to begin what would fail later or deploy what doesn't work, and says what to do instead.

const deploying = ['package', 'deploy', 'deploy function'];
const stores = ['dynamodb', 'file'];

// As shared/config wants it: HS256 asks for a key of 256 bits.
const minKey = 32;

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
      this.#refuse(`There is no stage "${stage}": serverless.yml has ${known.join(' and ')} under params. Name one of them with --stage, or add yours there.`);
    }
    if (!deploying.includes(processedInput.commands.join(' '))) return;

    if (!environment.SECRET_KEY) {
      this.#refuse(`Stage ${stage} has no SECRET_KEY, and without one the relay refuses every token. Make a key and a token, and keep the key in .env.${stage}, with:\n\n  go run ./cmd/relay jwt ${stage} --save`);
    }
    for (const name of ['SECRET_KEY', 'SECRET_KEY_PREVIOUS']) {
      const { length } = environment[name].trim();
      if (length > 0 && length < minKey) {
        this.#refuse(`${name} has ${length} characters: it must have at least ${minKey}, better 64.`);
      }
    }
    for (const name of service.getAllFunctions()) {
      const store = service.getFunction(name).environment?.WATCHLIST_STORE;
      if (store !== undefined && !stores.includes(store)) {
        this.#refuse(`The parameter watchlistStore is "${store}": it must be ${stores.join(' or ')}.`);
      }
    }
  }

  #refuse(message) {
    throw new this.serverless.classes.Error(message);
  }
}
