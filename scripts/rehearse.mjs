// Rehearses the whole life of a stage at an AWS endpoint: deploys it, asks it, operates it, changes it, rotates its key
// under load and removes it. Where the endpoint keeps a list of what was done (/_loopback/actions), the deployment
// policy and the functions' roles are compared with it.
//
//   AWS_ENDPOINT_URL=http://127.0.0.1:4599 npm run rehearse
//   npm run rehearse -- --stage dev --param watchlistStore=file
//   npm run rehearse -- --really      in the account of your credentials; it costs a few cents
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv, env, exit } from 'node:process';
import { parseArgs } from 'node:util';
import { functionNames } from './build.mjs';
import { root } from './go.mjs';
import { Api, Traffic, signToken } from './rehearse/api.mjs';
import { compare, functionPolicies, hasTable } from './rehearse/rights.mjs';
import { sls } from './rehearse/sls.mjs';

const { values: options } = parseArgs({
  args: argv.slice(2),
  options: {
    stage: { type: 'string', default: 'dev' },
    param: { type: 'string', multiple: true, default: [] },
    really: { type: 'boolean', default: false },
  },
});
const endpoint = env.AWS_ENDPOINT_URL;
if (!endpoint && !options.really) {
  console.error('AWS_ENDPOINT_URL is not set, so this would deploy to AWS, and remove what it deployed. Set it, or say --really.');
  exit(2);
}
const local = endpoint && /^(127\.|localhost$|\[::1\]$)/.test(new URL(endpoint).hostname);
if (local) {
  // An emulator takes any credentials, and is not behind a proxy.
  env.AWS_ACCESS_KEY_ID ??= 'rehearsal';
  env.AWS_SECRET_ACCESS_KEY ??= 'rehearsal';
  env.SLS_AWS_MONITORING_FREQUENCY ??= '200';
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy']) delete env[name];
}
// The rehearsal's settings are its own, not those of this shell.
for (const name of ['LOG_LEVEL', 'JWKS_HOSTS', 'RELAY_URL', 'RELAY_CONCURRENCY', 'SECRET_KEY_PREVIOUS']) env[name] = '';
env.NODE_NO_WARNINGS = '1';

const newKey = () => randomBytes(48).toString('base64url').replaceAll(/[-_]/g, 'x');
const [key, nextKey] = [newKey(), newKey()];
const mark = randomBytes(8).toString('hex');
const settings = JSON.parse(readFileSync(join(root, 'module_settings.json'), 'utf8'));
const credentials = Object.keys(settings.jwt);
// Nobody's credentials: a third party that asks for some refuses them. The claim `rehearsal` is there to be looked for.
const claims = Object.fromEntries(['rehearsal', ...credentials].map((name) => [name, `credential-${mark}`]));
const [token, nextToken] = [signToken(key, claims), signToken(nextKey, claims)];

const observable = { type: 'domain', value: `rehearsal-${mark}.example.com` };
const observables = JSON.stringify([observable]);
const tile = { tile_id: 'rehearsal', period: 'last_hour' };
const routes = [
  { path: '/health' },
  { path: '/deliberate/observables', body: observables },
  { path: '/observe/observables', body: observables },
  { path: '/refer/observables', body: observables },
  { path: '/respond/observables', body: observables },
  { path: '/tiles' },
];
const stage = ['--stage', options.stage];
const params = options.param.flatMap((param) => ['--param', param]);
const features = ['alarms=true', 'metrics=ServerlessRelay/rehearsal', 'dashboard=true', 'xray=true', 'tableBackups=true', 'tableProtected=true']
  // A small account can't reserve any, and what is kept warm costs.
  .concat(options.really ? [] : ['reservedConcurrency=20', 'provisionedConcurrency=1'])
  .flatMap((param) => ['--param', param]);

let api;
let deployed = false;
let template;

const deploy = (keys, more = []) => sls(['deploy', ...stage, ...params, ...more], { env: keys });
const lines = (text) => text.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));

/** What is wrong with an answer to the rehearsal's token, or nothing. */
function flaw({ status, answer }) {
  if (status !== 200) return `status ${status}: ${JSON.stringify(answer)}`;
  // Who has no credentials at a third party gets its refusal, in the codes of the protocol.
  const errors = (answer.errors ?? []).filter(({ message }) => credentials.length === 0 || message.startsWith('Authorization failed:'));
  return errors.length > 0 ? JSON.stringify(errors) : undefined;
}

async function well(path, given) {
  const got = await api.ask(path, given);
  const wrong = flaw(got);
  assert.ok(!wrong, `POST ${path}: ${wrong}`);
  return got.answer.data;
}

async function refused(path, given, message) {
  const { status, answer } = await api.ask(path, given);
  assert.equal(status, 200, `POST ${path}`);
  assert.deepEqual(answer.errors?.map((error) => error.message), [`Authorization failed: ${message}`], `POST ${path}`);
}

function free(text, where) {
  const secrets = [key, nextKey, ...token.split('.').slice(1), ...nextToken.split('.').slice(1), mark];
  assert.ok(!secrets.some((secret) => text.includes(secret)), `a key, a token, a credential or an observable is in ${where}`);
}

const steps = [
  ['refuse to deploy without a key', async () => {
    const said = await sls(['deploy', ...stage], { env: { SECRET_KEY: '' }, fails: true });
    assert.match(said, new RegExp(`go run ./cmd/relay jwt ${options.stage} --save`));
    // `prod` looks for its key in Systems Manager. There is none, or this is nobody's rehearsal.
    const prod = await sls(['print', '--stage', 'prod', '--path', 'provider.runtime', '--format', 'text']);
    assert.match(prod, /provided\.al2023/);
  }],
  ['deploy', async () => {
    const before = await sls(['info', ...stage], { fails: true });
    assert.match(before, /does not exist/, `There is a stage ${options.stage} already, which a rehearsal would remove`);
    deployed = true;
    assert.match(await deploy({ SECRET_KEY: key }), /Service deployed to stack/);
    template = JSON.parse(readFileSync(join(root, '.serverless', 'cloudformation-template-update-stack.json'), 'utf8'));
  }],
  ['info', async () => {
    const host = /https:\/\/(\S+)\/version$/m.exec(await sls(['info', ...stage]))?.[1];
    assert.ok(host, 'sls info shows no URL');
    api = new Api(host, endpoint);
  }],
  ['ask every route', async () => {
    for (const { path, body } of routes) {
      await well(path, { token, body });
      await refused(path, { body }, 'Authorization header is missing');
      await refused(path, { token: nextToken, body }, 'Failed to decode JWT with provided key');
    }
    for (const [path, body] of [['/respond/trigger', {}], ['/tiles/tile', tile], ['/tiles/tile-data', tile]]) {
      const { status, answer } = await api.ask(path, { token, body: JSON.stringify(body) });
      assert.equal(status, 200, `POST ${path}`);
      assert.ok(answer.data || answer.errors, `POST ${path}: neither data nor errors`);
      await refused(path, { body: '{}' }, 'Authorization header is missing');
    }
    for (const { id, default_period: period } of (await well('/tiles', { token })) ?? []) {
      await well('/tiles/tile', { token, body: JSON.stringify({ tile_id: id }) });
      await well('/tiles/tile-data', { token, body: JSON.stringify({ tile_id: id, period }) });
    }
    assert.deepEqual(Object.keys((await api.ask('/version')).answer), ['version']);
    assert.equal((await api.ask('/nowhere')).status, 404);
    // To AWS a greedy variable may be empty. Not to every emulator.
    const slash = await api.ask('/health/', { token });
    if (endpoint && slash.status === 404) return 'but for a slash at the end, which this endpoint does not route';
    assert.equal(flaw(slash), undefined, 'POST /health/');
  }],
  ['take actions', takeActions],
  ['logs', async () => {
    for (const name of functionNames()) {
      const log = await sls(['logs', '-f', name, ...stage]);
      free(log, `the log of ${name}`);
      const requests = lines(log).filter(({ message }) => message === 'request');
      assert.ok(name === 'version' || requests.every(({ request_id: id, route }) => id && route) && requests.length > 0, `the log of ${name} has no requests`);
    }
    const access = await sls(['access-log', ...stage]);
    free(access, 'the access log');
    assert.ok(lines(access).some(({ route, status }) => route === 'POST /health' && status === '200'), 'the access log has no request');

    const tail = sls(['logs', '-f', 'health', '-t', ...stage], { until: /"message":"request"/ });
    const traffic = new Traffic(api, token, [routes[0]], flaw);
    await tail.finally(() => traffic.stop());
  }],
  ['metrics', async () => {
    assert.match(await sls(['metrics', ...stage]), /invocations: \d*[1-9]/);
  }],
  ['invoke', async () => {
    const statusOf = (said) => JSON.parse(said.slice(said.indexOf('{'))).statusCode;
    assert.equal(statusOf(await sls(['invoke', '-f', 'health', ...stage])), 200);
    const event = JSON.stringify({ headers: { authorization: `Bearer ${token}` } });
    const said = await sls(['invoke', '-f', 'health', ...stage], { input: event });
    assert.equal(statusOf(said), 200);
    assert.doesNotMatch(said, /Authorization failed/);
  }],
  ['deploy one function', async () => {
    const one = ['deploy', 'function', '-f', 'observe', ...stage, ...params];
    assert.match(await sls(one, { env: { SECRET_KEY: key } }), /Code did not change/);
    assert.match(await sls([...one, '--force'], { env: { SECRET_KEY: key } }), /Function code deployed/);
    await well('/observe/observables', { token, body: observables });
  }],
  ['deploy what did not change', async () => {
    assert.match(await deploy({ SECRET_KEY: key }), /No changes to deploy/);
  }],
  ['change settings', async () => {
    assert.match(await deploy({ SECRET_KEY: key, LOG_LEVEL: 'error' }, features), /Service deployed/);
    const quiet = async () => lines(await sls(['logs', '-f', 'health', ...stage])).length;
    const before = await quiet();
    for (const { path, body } of routes) await well(path, { token, body });
    assert.equal(await quiet(), before, 'LOG_LEVEL=error, and the request is logged');
    assert.match(await deploy({ SECRET_KEY: key }), /Service deployed/);
  }],
  ['rotate the key', async () => {
    const traffic = new Traffic(api, token, routes, flaw);
    let result;
    try {
      await deploy({ SECRET_KEY: nextKey, SECRET_KEY_PREVIOUS: key });
      await well('/health', { token });
      traffic.token = nextToken;
      await deploy({ SECRET_KEY: nextKey });
    } finally {
      result = await traffic.stop();
    }
    assert.deepEqual(result.failures, [], `${result.failures.length} of ${result.asked} requests failed`);
    return `${result.asked} requests meanwhile, none failed`;
  }],
  ['remove', async () => {
    for (const { path, body } of routes) await refused(path, { token, body }, 'Failed to decode JWT with provided key');
    await remove();
    assert.match(await sls(['info', ...stage], { fails: true }), /does not exist/);
  }],
  ['compare rights', compareRights],
];

/** Takes the actions that the relay offers on the observable, as long as new ones come: what one adds, another removes. */
async function takeActions() {
  if (credentials.length > 0) return 'none taken: they would be taken at the third party';
  const ask = (path) => well(path, { token, body: observables });
  const before = await ask('/deliberate/observables');
  const taken = new Set();
  let changed = false;
  for (let news = true; news; ) {
    const offered = (await ask('/respond/observables')) ?? [];
    const action = offered.find(({ id }) => !taken.has(id));
    news = action !== undefined;
    if (!news) break;
    taken.add(action.id);
    const form = { 'action-id': action.id, observable_type: observable.type, observable_value: observable.value, ...action['query-params'] };
    const { status } = await well('/respond/trigger', { token, body: JSON.stringify(form) });
    assert.equal(status, 'success', action.id);
    const now = await ask('/deliberate/observables');
    changed ||= JSON.stringify(now) !== JSON.stringify(before);
  }
  assert.equal(changed, taken.size > 0, 'actions were taken and no verdict changed');
  return taken.size > 0 ? [...taken].join(', ') : 'none are offered';
}

async function remove() {
  assert.match(await sls(['remove', ...stage, ...params]), /has been successfully removed/);
  deployed = false;
}

/** Compares what the endpoint says was done with what is allowed: none missing, none unused. */
async function compareRights() {
  const actions = await recorded('GET');
  if (!actions) return 'the endpoint does not tell what was done';
  const policies = functionPolicies(template);
  const of = (principal) => actions.filter((entry) => entry.principal === principal);
  const compared = [
    ['aws/deployment-policy.json', JSON.parse(readFileSync(join(root, 'aws', 'deployment-policy.json'), 'utf8')), of('deployer')],
    ...Object.entries(policies).map(([name, policy]) => [`the role of ${name}`, policy, of(`function ${name}`)]),
  ];
  const flaws = compared.flatMap(([what, policy, done]) => {
    const { missing, unused: all } = compare(policy, done);
    // The policy is for every stage; this one may keep its watchlist in a file, or have none.
    const unused = hasTable(template) ? all : all.filter((item) => !item.includes('dynamodb:'));
    return [...missing.map((item) => `${what} lacks ${item}`), ...unused.map((item) => `${what} has and nothing needs ${item}`)];
  });
  assert.deepEqual(flaws, []);
  return compared.map(([what, , done]) => `${what}: ${done.length} actions`).join(', ');
}

async function recorded(method) {
  if (!local) return undefined;
  const response = await fetch(new URL('/_loopback/actions', endpoint), { method });
  return response.ok ? response.json() : undefined;
}

await recorded('DELETE').catch(() => undefined);
const began = performance.now();
const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1).padStart(6)} s`;
let failed = false;
for (const [title, step] of steps) {
  const started = performance.now();
  try {
    const note = await step();
    console.log(`ok   ${seconds(started)}  ${title}${note ? `: ${note}` : ''}`);
  } catch (error) {
    console.log(`FAIL ${seconds(started)}  ${title}\n${error.message}`);
    failed = true;
    break;
  }
}
if (deployed) {
  try {
    await remove();
  } catch (error) {
    console.log(`Stage ${options.stage} could not be removed:\n${error.message}`);
  }
}
api?.close();
console.log(`${failed ? 'FAIL' : 'ok  '} ${seconds(began)}  in all`);
exit(failed ? 1 : 0);
