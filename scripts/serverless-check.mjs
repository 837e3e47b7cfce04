// A plugin of osls: refuses to begin what would fail later or deploy what doesn't work, and says what to do instead.

const deploying = ['package', 'deploy', 'deploy function'];
const stores = ['dynamodb', 'file'];

// The relay refuses weaker keys (shared/config), but only when it starts.
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
      this.#refuse(`There is no stage "${stage}": serverless.yml has ${known.join(' and ')} under params. Name one of them with --stage, or add yours there.`);
    }
    if (!deploying.includes(processedInput.commands.join(' '))) return;

    if (!environment.SECRET_KEY) {
      this.#refuse(`Stage ${stage} has no SECRET_KEY, and without one the relay refuses every token. Make a key and a token, and keep the key in .env.${stage}, with:\n\n  go run ./cmd/relay jwt ${stage} --save`);
    }
    for (const name of ['SECRET_KEY', 'SECRET_KEY_PREVIOUS']) {
      const characters = [...environment[name].trim()];
      const different = new Set(characters).size;
      if (characters.length > 0 && (characters.length < minKeyLength || different < minKeyDifferent)) {
        this.#refuse(
          `${name} is a weak key. It has ${characters.length} characters, ${different} of them different: it needs at least ${minKeyLength} and ${minKeyDifferent}. Remove it, and make one with:\n\n  go run ./cmd/relay jwt ${stage} --save`,
        );
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
