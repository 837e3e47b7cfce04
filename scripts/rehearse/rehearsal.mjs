// The steps of a rehearsal: the life of a stage from its first deployment to its removal.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { functionNames } from '../build.mjs';
import { root } from '../go.mjs';
import { Api, Traffic, signToken } from './api.mjs';
import { compareRights } from './rights.mjs';
import { providerNames, selectedProviders } from '../serverless-provider.mjs';
import { sls } from './sls.mjs';
import { startStandIns } from './stand-ins.mjs';

const newKey = () => randomBytes(48).toString('base64url').replaceAll(/[-_]/g, 'x');
const asParams = (list) => list.flatMap((param) => ['--param', param]);
const lines = (text) => text.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));

// Everything that is off by default. A small account can't reserve copies, and warm copies cost money.
const features = ['alarms=true', 'metrics=ServerlessRelay/rehearsal', 'dashboard=true', 'xray=true', 'tableBackups=true', 'tableProtected=true'];
// Providers that are deployed beside the project's own, with stand-ins for their third parties
const moreProviders = ['greynoise', 'virustotal'];
const copies = ['reservedConcurrency=20', 'provisionedConcurrency=1'];

/** The rehearsal of one stage at one endpoint. The steps run in their order, and each throws if something is wrong. */
export class Rehearsal {
  #stage;
  #params;
  #endpoint;
  #late;
  #extras;

  #api;
  #deployed = false;
  #template;
  #table;

  #key = newKey();
  #nextKey = newKey();
  #mark = randomBytes(8).toString('hex');
  #module = JSON.parse(readFileSync(join(root, 'module_settings.json'), 'utf8'));
  #credentials = Object.keys(this.#module.jwt);
  #token;
  #nextToken;
  #local;
  #standIns;
  #settings = {};
  #observable;
  #routes;

  /**
   * A rehearsal of the stage `stage`, with parameters of it as `params`, "name=value". `endpoint` is where AWS is, if it
   * isn't AWS itself. `local` says that it is on this machine: then nothing is late and nothing costs.
   */
  constructor({ stage, params, endpoint, local }) {
    this.#stage = ['--stage', stage];
    this.#params = asParams(params);
    this.#endpoint = endpoint;
    this.#local = local;
    this.#late = local ? { times: 2, pause: 500 } : { times: 20, pause: 10_000 };
    this.#extras = asParams(local ? [...features, ...copies] : features);

    // Invented credentials, which a third party refuses. The claim `rehearsal` is a mark to search the logs for.
    this.#token = this.#sign(this.#key);
    this.#nextToken = this.#sign(this.#nextKey);
    this.#observable = { type: 'domain', value: `rehearsal-${this.#mark}.example.com` };
    const body = JSON.stringify([this.#observable]);
    this.#routes = [
      { path: '/health' },
      ...['deliberate', 'observe', 'refer', 'respond'].map((name) => ({ path: `/${name}/observables`, body })),
      { path: '/tiles' },
    ];
  }

  /** The steps as [title, function]. A step may return a note to print. */
  get steps() {
    return [
      ['stand in for third parties', () => this.#standIn()],
      ['refuse to deploy without a key', () => this.#deployWithoutKey()],
      ['deploy', () => this.#deployFirst()],
      ['info', () => this.#info()],
      ['ask every route', () => this.#askEveryRoute()],
      ['ask the other providers', () => this.#askOthers()],
      ['take actions', () => this.#takeActions()],
      ['logs', () => this.#logs()],
      ['metrics', () => this.#metrics()],
      ['invoke', () => this.#invoke()],
      ['deploy one function', () => this.#deployFunction()],
      ['deploy what did not change', () => this.#deployUnchanged()],
      ['change settings', () => this.#changeSettings()],
      ['deploy another provider, and the first one again', () => this.#keepTable()],
      ['rotate the key', () => this.#rotateKey()],
      ['remove', () => this.#remove()],
      ['compare rights', () => compareRights(this.#endpoint, this.#template)],
    ];
  }

  /** Removes what is left: the table that a stage keeps, and everything if a step failed. */
  async cleanUp() {
    this.#api?.close();
    this.#standIns?.stop();
    if (this.#deployed) await this.#sls(['remove']);
    // The deployment policy doesn't allow this: in AWS, a rehearsal needs one more right.
    if (this.#table) await new DynamoDBClient({ region: process.env.AWS_REGION ?? 'us-east-1' }).send(new DeleteTableCommand({ TableName: this.#table }));
  }

  /** A token with invented credentials, for the provider that the project deploys or for another one. */
  #sign(key, { name, claims } = {}) {
    const invented = Object.fromEntries(['rehearsal', ...this.#credentials].map((claim) => [claim, `credential-${this.#mark}`]));
    return signToken(key, { ...invented, ...claims, ...(name && { relay_provider: name }) });
  }

  /** Functions that run elsewhere can't reach this machine. They would need accounts at the third parties. */
  async #standIn() {
    if (!this.#local) return 'not where the functions run elsewhere';
    const selected = selectedProviders(this.#module.provider);
    const names = moreProviders.filter((name) => !selected.includes(name) && providerNames().includes(name));
    if (names.length === 0) return 'there are no other providers';
    this.#standIns = await startStandIns(names);
    this.#settings = { ...this.#standIns.settings, RELAY_PROVIDER: [...selected, ...names].join(',') };
    for (const provider of this.#others) {
      const body = JSON.stringify([{ type: 'ip', value: provider.address }]);
      this.#routes.push({ path: `/${provider.name}/health/`, provider }, { path: `/${provider.name}/observe/observables`, body, provider });
    }
    return `those of ${names.join(' and ')}`;
  }

  get #others() {
    return this.#standIns?.providers ?? [];
  }

  async #deployWithoutKey() {
    const said = await sls(['deploy', ...this.#stage], { env: { SECRET_KEY: '' }, fails: true });
    assert.match(said, new RegExp(`go run ./cmd/relay jwt ${this.#stage[1]} --save`));
    // Without a key in the shell or in .env.prod, `prod` asks Systems Manager for it.
    const prod = await sls(['print', '--stage', 'prod', '--path', 'provider.runtime', '--format', 'text']);
    assert.match(prod, /provided\.al2023/);
  }

  async #deployFirst() {
    const before = await this.#sls(['info'], { fails: true });
    assert.match(before, /does not exist/, 'There is this stage already, and a rehearsal would remove it');
    this.#deployed = true;
    assert.match(await this.#deploy({ SECRET_KEY: this.#key }), /Service deployed to stack/);
    this.#template = JSON.parse(readFileSync(join(root, '.serverless', 'cloudformation-template-update-stack.json'), 'utf8'));
    const table = Object.values(this.#template.Resources).find(({ Type }) => Type === 'AWS::DynamoDB::Table');
    this.#table = table?.Properties.TableName;
  }

  async #info() {
    const said = await this.#sls(['info']);
    const host = /^url: https:\/\/(\S+)$/m.exec(said)?.[1];
    assert.ok(host, 'sls info shows no URL');
    assert.equal(said.match(/POST - /g).length, 10, 'sls info shows each route once');
    assert.doesNotMatch(said, /slash/);
    this.#api = new Api(host, this.#endpoint);
  }

  async #askEveryRoute() {
    for (const { path, body, provider } of this.#routes) {
      await this.#ask(path, { body, provider });
      await this.#refused(path, { body }, 'Authorization header is missing');
      await this.#refused(path, { token: this.#nextToken, body }, 'Failed to decode JWT with provided key');
    }
    const unknown = JSON.stringify({ tile_id: 'rehearsal', period: 'last_hour' });
    for (const [path, body] of [['/respond/trigger', '{}'], ['/tiles/tile', unknown], ['/tiles/tile-data', unknown]]) {
      const { status, answer } = await this.#api.ask(path, { token: this.#token, body });
      assert.equal(status, 200, `POST ${path}`);
      assert.ok(answer.data || answer.errors, `POST ${path}: neither data nor errors`);
      await this.#refused(path, { body }, 'Authorization header is missing');
    }
    for (const { id, default_period: period } of (await this.#ask('/tiles')) ?? []) {
      await this.#ask('/tiles/tile', { body: JSON.stringify({ tile_id: id }) });
      await this.#ask('/tiles/tile-data', { body: JSON.stringify({ tile_id: id, period }) });
    }
    assert.ok((await this.#api.ask('/version')).answer.version);
    for (const path of ['/nowhere', '/nobody/health', '/health/more']) assert.equal((await this.#api.ask(path)).status, 404, path);
    await this.#ask('/health/');
  }

  /** Asks each provider below its name. A token for one is refused by the others. */
  async #askOthers() {
    if (this.#others.length === 0) return 'there are none';
    const [first] = selectedProviders(this.#module.provider);
    const own = { name: first, token: this.#token };
    const all = [own, ...this.#others.map((provider) => ({ ...provider, token: this.#sign(this.#key, provider) }))];
    for (const [i, { name, token, address }] of all.entries()) {
      const below = `/${name}`;
      assert.equal((await this.#api.ask(`${below}/version/`)).answer.provider, name);
      for (const path of ['/health', '/health/']) assert.equal(this.#flaw(await this.#api.ask(below + path, { token })), undefined, below + path);
      if (address) {
        const body = JSON.stringify([{ type: 'ip', value: address }]);
        for (const path of ['/observe/observables', '/observe/observables/']) {
          const { answer } = await this.#api.ask(below + path, { token, body });
          assert.ok(!answer.errors && Object.keys(answer.data).length > 0, `POST ${below}${path}: ${JSON.stringify(answer)}`);
        }
      }
      const message = 'The token is for another provider or stage. Make one for this relay with `relay jwt STAGE`';
      for (const { token: foreign } of all.filter((other, j) => j !== i)) {
        await this.#refused(`${below}/health`, { token: foreign }, message);
        if (name === first) await this.#refused('/health', { token: foreign }, message);
      }
    }
    return all.map(({ name }) => name).join(', ');
  }

  /** Takes every action that is offered for the observable once, including those that another action makes available. */
  async #takeActions() {
    if (this.#credentials.length > 0) return 'none taken: they would be taken at the third party';
    const before = await this.#verdict();
    const taken = new Set();
    let changed = false;
    for (;;) {
      const action = (await this.#actions()).find(({ id }) => !taken.has(id));
      if (!action) break;
      taken.add(action.id);
      await this.#take(action);
      changed ||= (await this.#verdict()) !== before;
    }
    assert.equal(changed, taken.size > 0, 'actions were taken and no verdict changed');
    return taken.size > 0 ? [...taken].join(', ') : 'none are offered';
  }

  #actions() {
    return this.#aboutObservable('/respond/observables');
  }

  async #verdict() {
    return JSON.stringify(await this.#aboutObservable('/deliberate/observables'));
  }

  async #aboutObservable(path) {
    return (await this.#ask(path, { body: JSON.stringify([this.#observable]) })) ?? [];
  }

  async #take(action) {
    const { type, value } = this.#observable;
    const form = { 'action-id': action.id, observable_type: type, observable_value: value, ...action['query-params'] };
    const { status } = await this.#ask('/respond/trigger', { body: JSON.stringify(form) });
    assert.equal(status, 'success', action.id);
  }

  async #logs() {
    const logs = {};
    // The function `version` has nothing to log.
    for (const name of functionNames().filter((other) => other !== 'version')) {
      await this.#eventually(async () => {
        const requests = (logs[name] = await this.#logged(name));
        assert.ok(requests.length > 0, `the log of ${name} has no requests`);
        assert.ok(requests.every(({ request_id: id, route }) => id && route), `the log of ${name} has a request without id or route`);
      });
    }
    await this.#eventually(async () => {
      const access = await this.#sls(['access-log']);
      this.#checkFree(access, 'the access log');
      assert.ok(lines(access).some(({ route, status }) => route === 'POST /health' && status === '200'), 'the access log has no request');
      this.#follow(logs, lines(access));
    });

    const traffic = this.#traffic(this.#routes.slice(0, 1));
    await this.#sls(['logs', '-f', 'health', '-t'], { until: /"message":"request"/ }).finally(() => traffic.stop());
  }

  /** A request can be followed from the access log through the function's log to the third party's call. */
  #follow({ health, observe }, access) {
    if (this.#others.length === 0) return;
    const names = this.#others.map(({ name }) => name);
    const refused = health.filter(({ provider, errors }) => names.includes(provider) && errors.includes('authorization error'));
    assert.ok(refused.length > 0 && refused.every(({ calls }) => !calls), 'a third party was called with a token for another one');
    for (const name of names) {
      const request = observe.find(({ provider, calls }) => provider === name && calls);
      assert.ok(request, `the log of observe has no calls of ${name}'s third party`);
      for (const { count, ms } of Object.values(request.calls)) assert.ok(count > 0 && ms > 0, JSON.stringify(request.calls));
      assert.ok(this.#standIns.calls.includes(request.api_request_id), `no call of ${name}'s third party has the id ${request.api_request_id}`);
      const entry = access.find(({ id }) => id === request.api_request_id);
      assert.ok(entry, `the access log does not have the id ${request.api_request_id}`);
      // Not every emulator knows the id that Lambda gave.
      assert.ok(['-', request.request_id].includes(entry.function), `the access log has ${entry.function} for ${request.request_id}`);
    }
  }

  async #metrics() {
    await this.#eventually(async () => assert.match(await this.#sls(['metrics']), /invocations: [1-9]/));
  }

  async #invoke() {
    const statusOf = (said) => JSON.parse(said.slice(said.indexOf('{'))).statusCode;
    assert.equal(statusOf(await this.#sls(['invoke', '-f', 'health'])), 200);
    const event = JSON.stringify({ headers: { authorization: `Bearer ${this.#token}` } });
    const said = await this.#sls(['invoke', '-f', 'health'], { input: event });
    assert.equal(statusOf(said), 200);
    assert.doesNotMatch(said, /Authorization failed/);
  }

  async #deployFunction() {
    const one = ['deploy', 'function', '-f', 'observe'];
    const env = { SECRET_KEY: this.#key };
    assert.match(await this.#sls(one, { env }), /Code did not change/);
    assert.match(await this.#sls([...one, '--force'], { env }), /Function code deployed/);
    await this.#ask('/observe/observables', { body: JSON.stringify([this.#observable]) });
  }

  async #deployUnchanged() {
    assert.match(await this.#deploy({ SECRET_KEY: this.#key }), /No changes to deploy/);
  }

  async #changeSettings() {
    assert.match(await this.#deploy({ SECRET_KEY: this.#key, LOG_LEVEL: 'error' }, this.#extras), /Service deployed/);
    const before = await this.#logged('health');
    for (const { path, body, provider } of this.#routes) await this.#ask(path, { body, provider });
    const after = await this.#logged('health');
    assert.equal(after.length, before.length, 'LOG_LEVEL=error, and the request is logged');
    assert.match(await this.#deploy({ SECRET_KEY: this.#key }), /Service deployed/);
  }

  async #rotateKey() {
    const traffic = this.#traffic(this.#routes);
    let result;
    try {
      await this.#deploy({ SECRET_KEY: this.#nextKey, SECRET_KEY_PREVIOUS: this.#key });
      await this.#ask('/health');
      traffic.tokenFor = ({ provider }) => this.#sign(this.#nextKey, provider);
      await this.#deploy({ SECRET_KEY: this.#nextKey });
    } finally {
      result = await traffic.stop();
    }
    assert.deepEqual(result.failures, [], `${result.failures.length} of ${result.asked} requests failed`);
    for (const { path, body, provider } of this.#routes) {
      await this.#refused(path, { token: this.#sign(this.#key, provider), body }, 'Failed to decode JWT with provided key');
    }
    return `${result.asked} requests meanwhile, none failed`;
  }

  /** The entries of a table outlive a deployment of a provider without one. */
  async #keepTable() {
    if (!this.#table) return 'there is no table to keep';
    const [action] = await this.#actions();
    await this.#take(action);
    const before = await this.#verdict();
    assert.notEqual(before, '[]', `${action.id} left no verdict`);
    const { RELAY_PROVIDER: first } = Object.values(this.#template.Resources).find(({ Type }) => Type === 'AWS::Lambda::Function').Properties.Environment.Variables;
    const other = providerNames().find((name) => !selectedProviders(first).includes(name));
    const key = { SECRET_KEY: this.#key };
    assert.match(await this.#deploy({ ...key, RELAY_PROVIDER: other }), new RegExp(`The table ${this.#table} is kept, with its entries`));
    assert.match(await this.#deploy(key), new RegExp(`The table ${this.#table} exists, with its entries`));
    assert.match(await this.#deploy(key), /No changes to deploy/);
    assert.equal(await this.#verdict(), before);
    return `${other} and ${first}, and an entry is still there`;
  }

  async #remove() {
    const said = await this.#sls(['remove']);
    assert.match(said, /has been successfully removed/);
    if (this.#table) assert.match(said, new RegExp(`aws dynamodb delete-table --table-name ${this.#table}`));
    this.#deployed = false;
    assert.match(await this.#sls(['info'], { fails: true }), /does not exist/);
  }

  #sls(args, more) {
    return sls([...args, ...this.#stage, ...this.#params], { ...more, env: { ...this.#settings, ...more?.env } });
  }

  #deploy(env, params = []) {
    return this.#sls(['deploy', ...params], { env });
  }

  #traffic(routes) {
    return new Traffic(this.#api, ({ provider }) => this.#sign(this.#key, provider), routes, (answer) => this.#flaw(answer));
  }

  /** Sends a request with the first token, checks the response and returns its data. */
  async #ask(path, { body, provider } = {}) {
    const answered = await this.#api.ask(path, { token: this.#sign(this.#key, provider), body });
    const wrong = this.#flaw(answered);
    assert.ok(!wrong, `POST ${path}: ${wrong}`);
    return answered.answer.data;
  }

  /** What is wrong with a response to a valid token, or undefined. */
  #flaw({ status, answer }) {
    if (status !== 200) return `status ${status}: ${JSON.stringify(answer)}`;
    // A third party must refuse the invented credentials.
    const ours = ({ message }) => this.#credentials.length === 0 || message.startsWith('Authorization failed:');
    const errors = (answer.errors ?? []).filter(ours);
    return errors.length > 0 ? JSON.stringify(errors) : undefined;
  }

  async #refused(path, given, message) {
    const { status, answer } = await this.#api.ask(path, given);
    assert.equal(status, 200, `POST ${path}`);
    assert.deepEqual(answer.errors?.map((error) => error.message), [`Authorization failed: ${message}`], `POST ${path}`);
  }

  /** The lines about requests in a function's log. */
  async #logged(name) {
    const log = await this.#sls(['logs', '-f', name]);
    this.#checkFree(log, `the log of ${name}`);
    return lines(log).filter(({ message }) => message === 'request');
  }

  #checkFree(text, where) {
    const tokens = [undefined, ...this.#others].flatMap((provider) => [this.#sign(this.#key, provider), this.#sign(this.#nextKey, provider)]).flatMap((token) => token.split('.').slice(1));
    const credentials = this.#others.flatMap(({ claims }) => Object.values(claims));
    const secret = [this.#key, this.#nextKey, this.#mark, ...credentials, ...tokens].some((part) => text.includes(part));
    assert.ok(!secret, `a key, a token, a credential or an observable is in ${where}`);
  }

  /** Repeats a check until it passes: in AWS, logs and metrics are late. */
  async #eventually(check) {
    for (let left = this.#late.times; ; left--) {
      try {
        return await check();
      } catch (error) {
        if (left === 0) throw error;
        await wait(this.#late.pause);
      }
    }
  }
}
