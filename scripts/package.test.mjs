// Packages the service as a deployment would and checks what would be deployed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { unzipSync } from 'fflate';
import { functionNames } from './build.mjs';
import { goOutput, root } from './go.mjs';
import { functionPolicies, hasTable } from './rehearse/rights.mjs';
import { functionPackage } from './serverless-go.mjs';

const routes = {
  '/health': 'health',
  '/deliberate/observables': 'deliberate',
  '/observe/observables': 'observe',
  '/refer/observables': 'refer',
  '/respond/observables': 'respond',
  '/respond/trigger': 'respond',
  '/tiles': 'tiles',
  '/tiles/tile': 'tiles',
  '/tiles/tile-data': 'tiles',
  '/version': 'version',
};
const names = [...new Set(Object.values(routes))].sort();

// What each function may do with the watchlist's table.
const tableActions = {};
// with providers/watchlist, from here
const lookUp = ['BatchGetItem'];
Object.assign(tableActions, {
  health: lookUp,
  deliberate: lookUp,
  observe: lookUp,
  refer: lookUp,
  respond: ['BatchGetItem', 'PutItem', 'UpdateItem'],
  tiles: ['Query'],
});
// with providers/watchlist, to here

/** A key of 64 characters that is recognized by its first. */
const keyOf = (letter) => letter.repeat(8) + '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRST';

// Settings that reach the functions from the environment of whoever deploys.
const relaySettings = {
  SECRET_KEY: keyOf('k'),
  SECRET_KEY_PREVIOUS: keyOf('p'),
  JWKS_HOSTS: 'keys.example',
  RELAY_URL: 'https://relay.example',
  RELAY_CONCURRENCY: '3',
  LOG_LEVEL: 'warn',
  UPSTREAM_ALLOW_LOCAL: 'true',
  UPSTREAM_CA_FILE: 'ca.pem',
  UPSTREAM_CACHE: '5m',
  UPSTREAM_CONCURRENCY: '7',
};

// The providers' own, of which serverless.yml tells which there are.
const service = readFileSync(join(root, 'serverless.yml'), 'utf8');
for (const [, name] of service.matchAll(/^ {4}(\w+): \$\{env:\1, ''\}$/gm)) relaySettings[name] ??= `the ${name}`;

// with providers/watchlist, from here
const watchlistSettings = { WATCHLIST_VALID_FOR: '48h', WATCHLIST_SEARCH: 'none', WATCHLIST_WHO_CLAIM: 'email' };
const tableSettings = {
  ...watchlistSettings,
  WATCHLIST_STORE: 'dynamodb',
  WATCHLIST_TABLE: 'serverless-relay-dev-watchlist',
  WATCHLIST_FILE: 'watchlist.db',
  WATCHLIST_READ_ONLY: 'false',
};
// with providers/watchlist, to here

const built = join(root, '.serverless');
const settings = JSON.parse(readFileSync(join(root, 'module_settings.json'), 'utf8'));

let folder;
let template;
let resources;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'relay-package-'));
  template = await slsPackage();
  resources = template.Resources;
});
after(() => rmSync(folder, { recursive: true }));

/** Runs sls in a folder; returns its exit code and what it writes. */
async function sls(args, { cwd = root, env = {} } = {}) {
  const binary = join(root, 'node_modules', 'osls', 'bin', 'serverless.js');
  const child = spawn(process.execPath, [binary, ...args], {
    cwd,
    env: {
      ...process.env,
      AWS_REGION: undefined,
      ...relaySettings,
      ...watchlistSettings, // with providers/watchlist
      NODE_NO_WARNINGS: '1',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const [status] = await once(child, 'close');
  return { status, output };
}

/** Packages a stage with parameters and returns the CloudFormation template that would be deployed. */
async function slsPackage({ stage = 'dev', params = {}, cwd = root, env } = {}) {
  const given = Object.entries(params).flatMap(([name, value]) => ['--param', `${name}=${value}`]);
  const { status, output } = await sls(['package', '--stage', stage, ...given], { cwd, env });
  assert.equal(status, 0, `sls package failed:\n${output}`);
  return JSON.parse(readFileSync(join(cwd, '.serverless', 'cloudformation-template-update-stack.json'), 'utf8'));
}

function ofType(type, { Resources } = template) {
  return Object.entries(Resources).filter(([, resource]) => resource.Type === type);
}

/** The properties of a function's resources of a type, by the functions' names. */
function byName(type, property, prefix, of) {
  return Object.fromEntries(ofType(type, of).map(([, { Properties }]) => [Properties[property].slice(prefix.length), Properties]));
}

const zipOf = (name) => readFileSync(join(built, `${name}.zip`));

// Reads names and modes off the central directory of a zip. The record at its end says where that begins and how many
// entries it has (APPNOTE.TXT, 4.3.12 and 4.3.16).
function modes(zip) {
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

test('each folder in functions/ is deployed as a function, and nothing else is', () => {
  assert.deepEqual(functionNames(), names);
  const deployed = ofType('AWS::Lambda::Function').map(([, { Properties }]) => Properties.FunctionName);
  assert.deepEqual(deployed.sort(), names.map((name) => `serverless-relay-dev-${name}`));
});

test('each route leads to its own function, with and without a slash at its end', () => {
  const found = {};
  for (const [, { Properties: route }] of ofType('AWS::ApiGatewayV2::Route')) {
    const [, [prefix, { Ref: id }]] = route.Target['Fn::Join'];
    assert.equal(prefix, 'integrations');
    const { Type, Properties: integration } = resources[id];
    assert.equal(Type, 'AWS::ApiGatewayV2::Integration');
    assert.equal(integration.IntegrationType, 'AWS_PROXY');
    assert.equal(integration.PayloadFormatVersion, '2.0');
    const [lambda, attribute] = integration.IntegrationUri['Fn::GetAtt'];
    assert.equal(attribute, 'Arn');
    found[route.RouteKey] = resources[lambda].Properties.FunctionName;
  }
  const wanted = {};
  for (const [path, name] of Object.entries(routes)) {
    wanted[`POST ${path}`] = wanted[`POST ${path}/{slash+}`] = `serverless-relay-dev-${name}`;
  }
  assert.deepEqual(found, wanted);
});

test('the API may invoke every function', () => {
  const allowed = ofType('AWS::Lambda::Permission').map(([, { Properties }]) => {
    assert.equal(Properties.Principal, 'apigateway.amazonaws.com');
    return resources[Properties.FunctionName['Fn::GetAtt'][0]].Properties.FunctionName;
  });
  assert.deepEqual(allowed.sort(), names.map((name) => `serverless-relay-dev-${name}`));
});

for (const name of names) {
  test(`${name} runs its own code, with its settings`, () => {
    const [, { Properties: lambda }] = ofType('AWS::Lambda::Function').find(
      ([, { Properties }]) => Properties.FunctionName === `serverless-relay-dev-${name}`,
    );
    assert.equal(lambda.Runtime, 'provided.al2023');
    assert.deepEqual(lambda.Architectures, ['arm64']);
    assert.equal(lambda.Handler, 'bootstrap');
    assert.ok(lambda.Timeout < 30, 'an HTTP API waits 30 seconds');
    assert.ok(lambda.MemorySize <= 256, 'memory that nothing needs is paid for');
    assert.deepEqual(lambda.LoggingConfig, { LogFormat: 'JSON', ApplicationLogLevel: 'TRACE' });
    assert.match(lambda.Code.S3Key, new RegExp(`/${name}\\.zip$`));
    assert.deepEqual(lambda.Environment.Variables, {
      ...relaySettings,
      RELAY_STAGE: 'dev',
      RELAY_PROVIDER: settings.provider,
      RELAY_METRICS: '',
      ...(name !== 'version' && tableSettings), // with providers/watchlist
    });
  });

  test(`${name}.zip holds its own arm64 binary, executable`, () => {
    const zip = zipOf(name);
    const files = unzipSync(zip);
    assert.deepEqual(modes(zip), { bootstrap: 0o755 });

    const header = Buffer.from(files.bootstrap.subarray(0, 20));
    assert.equal(header.toString('latin1', 0, 4), '\x7fELF');
    assert.equal(header[4], 2, '64 bits');
    assert.equal(header.readUInt16LE(18), 0xb7, 'AArch64');

    // What a Go binary says of itself: from which package and how it was built.
    const binary = join(folder, name);
    writeFileSync(binary, files.bootstrap);
    const about = goOutput(['version', '-m', binary]);
    const main = `${goOutput(['list', '-m'])}/functions/${name}`;
    assert.ok(about.includes(`\tpath\t${main}\n`), `${binary} is not built from ${main}:\n${about}`);
    for (const setting of ['GOOS=linux', 'GOARCH=arm64', 'CGO_ENABLED=0', '-trimpath=true', '-tags=lambda.norpc']) {
      assert.ok(about.includes(`\tbuild\t${setting}`), `${name} is built without ${setting}`);
    }
    assert.ok(!about.includes('\tvcs.'), 'a commit in the binary changes it without need');
  });
}

test('packaging again gives the same bytes', async () => {
  const digests = () => names.map((name) => `${name} ${createHash('sha256').update(zipOf(name)).digest('hex')}`);
  const first = digests();
  await slsPackage();
  assert.deepEqual(digests(), first);
});

test('a store is packed beside the binary where there is one', () => {
  const [binary, store] = [join(folder, 'bootstrap'), join(folder, 'store')];
  writeFileSync(binary, 'code');
  const alone = Buffer.from(functionPackage(binary, store));
  assert.deepEqual(modes(alone), { bootstrap: 0o755 });
  writeFileSync(store, 'indicators');
  const both = Buffer.from(functionPackage(binary, store));
  assert.deepEqual(modes(both), { bootstrap: 0o755, 'watchlist.db': 0o644 });
  assert.equal(Buffer.from(unzipSync(both)['watchlist.db']).toString(), 'indicators');
});

test('each function has a role of its own that allows what it does', () => {
  const policies = functionPolicies(template);
  for (const name of names) {
    const here = '${AWS::Region}:${AWS::AccountId}';
    const wanted = [
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: `arn:\${AWS::Partition}:logs:${here}:log-group:/aws/lambda/serverless-relay-dev-${name}:*`,
      },
    ];
    if (tableActions[name] && hasTable(template)) {
      wanted.push({
        Effect: 'Allow',
        Action: tableActions[name].map((action) => `dynamodb:${action}`),
        Resource: `arn:\${AWS::Partition}:dynamodb:${here}:table/serverless-relay-dev-watchlist`,
      });
    }
    assert.deepEqual(policies[`serverless-relay-dev-${name}`].Statement, wanted, name);
  }
  const roles = ofType('AWS::IAM::Role').map(([, { Properties }]) => Properties);
  assert.deepEqual(roles.map(({ RoleName }) => RoleName).sort(), names.map((name) => `serverless-relay-dev-us-east-1-${name}`));
  for (const { RoleName, AssumeRolePolicyDocument, ManagedPolicyArns, Policies } of roles) {
    assert.ok(RoleName.length <= 64, RoleName);
    assert.deepEqual(AssumeRolePolicyDocument.Statement.map(({ Principal }) => Principal), [{ Service: 'lambda.amazonaws.com' }]);
    assert.equal(ManagedPolicyArns, undefined);
    assert.equal(Policies.length, 1);
  }
});

// with providers/watchlist, from here
test('the watchlist has its table', () => {
  assert.equal(hasTable(template), settings.provider === 'watchlist');
  assert.deepEqual(resources.WatchlistTable, {
    Type: 'AWS::DynamoDB::Table',
    Condition: 'HasTable',
    Properties: {
      TableName: 'serverless-relay-dev-watchlist',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false },
      DeletionProtectionEnabled: false,
    },
  });
});
// with providers/watchlist, to here

test('the API limits what comes and logs it without secrets', () => {
  const [[, { Properties: stage }]] = ofType('AWS::ApiGatewayV2::Stage');
  assert.deepEqual(stage.DefaultRouteSettings, { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 });
  const logged = JSON.parse(stage.AccessLogSettings.Format);
  assert.equal(logged.route, '$context.routeKey');
  for (const value of Object.values(logged)) {
    assert.match(value, /^\$context\.[\w.]+$/);
    assert.doesNotMatch(value, /header|authorizer|query|body|\.path$/i);
  }
});

test('logs end, and everything has its tags', () => {
  const groups = ofType('AWS::Logs::LogGroup').map(([, { Properties }]) => Properties);
  assert.equal(groups.length, names.length + 1);
  for (const { RetentionInDays, LogGroupName } of groups) assert.equal(RetentionInDays, 7, LogGroupName);
  for (const [, { Properties }] of ofType('AWS::Lambda::Function')) {
    assert.deepEqual(Properties.Tags, [{ Key: 'Service', Value: 'serverless-relay' }, { Key: 'Stage', Value: 'dev' }]);
  }
});

test('what is extra is off, and nothing of it is there', () => {
  for (const type of ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::Dashboard', 'AWS::Lambda::Alias', 'AWS::Lambda::Version']) {
    assert.deepEqual(ofType(type), [], type);
  }
  for (const [name, { Properties }] of ofType('AWS::Lambda::Function')) {
    assert.equal(Properties.ReservedConcurrentExecutions, undefined, name);
    assert.equal(Properties.TracingConfig, undefined, name);
  }
});

test('a stage with everything in it', async (t) => {
  const topic = 'arn:aws:sns:eu-west-1:123456789012:relay';
  const all = await slsPackage({
    stage: 'prod',
    params: {
      alarms: true,
      alarmTopic: topic,
      alarmLatency: 2500,
      metrics: 'ServerlessRelay/prod',
      dashboard: true,
      xray: true,
      reservedConcurrency: 20,
      provisionedConcurrency: 2,
      throttlingRate: 5,
    },
    env: { AWS_REGION: 'eu-west-1' },
  });
  const lambdas = byName('AWS::Lambda::Function', 'FunctionName', 'serverless-relay-prod-', all);

  await t.test('reserves and warms copies', () => {
    for (const name of names) assert.equal(lambdas[name].ReservedConcurrentExecutions, 20, name);
    const aliases = ofType('AWS::Lambda::Alias', all).map(([, { Properties }]) => {
      assert.deepEqual(Properties.ProvisionedConcurrencyConfig, { ProvisionedConcurrentExecutions: 2 });
      return all.Resources[Properties.FunctionName.Ref].Properties.FunctionName;
    });
    assert.deepEqual(aliases.sort(), ['deliberate', 'observe', 'refer'].map((name) => `serverless-relay-prod-${name}`));
  });

  await t.test('traces, and lets the functions do so', () => {
    for (const name of names) {
      assert.deepEqual(lambdas[name].TracingConfig, { Mode: 'Active' });
      assert.deepEqual(functionPolicies(all)[`serverless-relay-prod-${name}`].Statement.at(-1), {
        Effect: 'Allow',
        Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
        Resource: '*',
      });
    }
  });

  await t.test('raises alarms', () => {
    const alarms = byName('AWS::CloudWatch::Alarm', 'AlarmName', 'serverless-relay-prod-', all);
    const wanted = ['api-5xx', ...names.flatMap((name) => [`${name}-errors`, `${name}-latency`, `${name}-throttles`])];
    assert.deepEqual(Object.keys(alarms).sort(), wanted.sort());
    for (const [name, alarm] of Object.entries(alarms)) {
      assert.deepEqual([alarm.AlarmActions, alarm.OKActions], [[topic], [topic]], name);
      assert.equal(alarm.TreatMissingData, 'notBreaching', name);
    }
    const latency = alarms['observe-latency'];
    assert.deepEqual(
      [latency.Namespace, latency.MetricName, latency.ExtendedStatistic, latency.Threshold, latency.Dimensions[0].Value],
      ['AWS/Lambda', 'Duration', 'p99', 2500, 'serverless-relay-prod-observe'],
    );
    assert.deepEqual(alarms['api-5xx'].Dimensions, [{ Name: 'ApiId', Value: { Ref: 'HttpApi' } }]);
  });

  await t.test('has a dashboard of what the functions measure', () => {
    for (const name of names) assert.equal(lambdas[name].Environment.Variables.RELAY_METRICS, 'ServerlessRelay/prod');
    const [[, { Properties: dashboard }]] = ofType('AWS::CloudWatch::Dashboard', all);
    const { widgets } = JSON.parse(dashboard.DashboardBody['Fn::Sub']);
    const shown = JSON.stringify(widgets);
    for (const metric of ['Requests', 'Failures', 'Errors', 'Observables', 'DurationMs', 'UpstreamCalls']) {
      assert.ok(shown.includes(`{ServerlessRelay/prod,Route} MetricName=\\"${metric}\\"`), metric);
    }
    for (const name of names) assert.ok(shown.includes(`SOURCE '/aws/lambda/serverless-relay-prod-${name}'`), name);
  });

  await t.test('keeps its table and its logs', () => {
    // with providers/watchlist, from here
    const { Properties: table } = all.Resources.WatchlistTable;
    assert.equal(table.DeletionProtectionEnabled, true);
    assert.deepEqual(table.PointInTimeRecoverySpecification, { PointInTimeRecoveryEnabled: true });
    // with providers/watchlist, to here
    for (const [, { Properties }] of ofType('AWS::Logs::LogGroup', all)) assert.equal(Properties.RetentionInDays, 90);
  });

  await t.test('is what the parameters say', () => {
    const [[, { Properties: stage }]] = ofType('AWS::ApiGatewayV2::Stage', all);
    assert.equal(Number(stage.DefaultRouteSettings.ThrottlingRateLimit), 5);
    assert.ok(ofType('AWS::IAM::Role', all).every(([, { Properties }]) => Properties.RoleName.startsWith('serverless-relay-prod-eu-west-1-')));
  });
});

test('what would not work is refused at once', async () => {
  const refusals = [
    [['deploy', '--stage', 'dev'], { SECRET_KEY: '' }, /^\s*go run \.\/cmd\/relay jwt dev --save$/m],
    [['deploy', 'function', '-f', 'health', '--stage', 'prod'], { SECRET_KEY: '' }, /^\s*go run \.\/cmd\/relay jwt prod --save$/m],
    [['package'], { SECRET_KEY: 'short' }, /SECRET_KEY is a weak key\. It has 5 characters, 5 of them different/],
    [['package'], { SECRET_KEY_PREVIOUS: 'k'.repeat(64) }, /SECRET_KEY_PREVIOUS is a weak key\. It has 64 characters, 1 of them different/],
    [['package', '--param', 'watchlistStore=redis'], {}, /watchlistStore is "redis": it must be dynamodb or file/], // with providers/watchlist
    [['info', '--stage', 'staging'], {}, /no stage "staging": serverless\.yml has dev and prod/],
  ];
  const cwd = copyOfConfiguration(); // without .env files of the developer's
  const refused = async ([args, env, message]) => {
    const { status, output } = await sls(args, { cwd, env: { ...env, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' } });
    assert.equal(status, 1, `sls ${args.join(' ')}:\n${output}`);
    assert.match(output, message);
    assert.doesNotMatch(output, /kkkkkkkk|pppppppp/, 'a key is shown');
  };
  await Promise.all(refusals.map(refused));
});

test("prod's key comes from Systems Manager where the environment has none", async (t) => {
  const asked = [];
  const manager = createServer((request, response) => {
    let text = '';
    request.on('data', (part) => (text += part));
    request.on('end', () => {
      const { Name, WithDecryption } = JSON.parse(text);
      asked.push(Name);
      response.setHeader('Content-Type', 'application/x-amz-json-1.1');
      if (WithDecryption && Name.endsWith('/SECRET_KEY')) {
        response.end(JSON.stringify({ Parameter: { Name, Type: 'SecureString', Value: keyOf('s') } }));
      } else {
        response.writeHead(400).end(JSON.stringify({ __type: 'ParameterNotFound' }));
      }
    });
  }).listen(0, '127.0.0.1');
  await once(manager, 'listening');
  t.after(() => manager.close());
  const keys = async (env) => {
    const variables = { AWS_ENDPOINT_URL: `http://127.0.0.1:${manager.address().port}`, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', ...env };
    // A folder without .env files of the developer's.
    const cwd = copyOfConfiguration();
    const { output } = await sls(['print', '--stage', 'prod', '--path', 'provider.environment', '--format', 'json'], { cwd, env: variables });
    const { SECRET_KEY, SECRET_KEY_PREVIOUS } = JSON.parse(output.slice(output.indexOf('{')));
    return { SECRET_KEY, SECRET_KEY_PREVIOUS };
  };
  assert.deepEqual(await keys({}), { SECRET_KEY: relaySettings.SECRET_KEY, SECRET_KEY_PREVIOUS: relaySettings.SECRET_KEY_PREVIOUS });
  assert.deepEqual(asked, [], 'a key in the environment goes before, and nobody is asked');
  assert.deepEqual(await keys({ SECRET_KEY: undefined, SECRET_KEY_PREVIOUS: undefined }), { SECRET_KEY: keyOf('s'), SECRET_KEY_PREVIOUS: '' });
  assert.deepEqual(asked.sort(), ['/serverless-relay/prod/SECRET_KEY', '/serverless-relay/prod/SECRET_KEY_PREVIOUS']);
});

test('a rehearsal does not touch an account by accident', async () => {
  const child = spawn(process.execPath, [join(root, 'scripts', 'rehearse.mjs')], { env: { ...process.env, AWS_ENDPOINT_URL: '' }, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  const [status] = await once(child, 'close');
  assert.equal(status, 2);
  assert.match(said, /AWS_ENDPOINT_URL is not set.*--really/);
});

/** Copies what sls needs to read the configuration. */
function copyOfConfiguration(more = () => false) {
  const copy = mkdtempSync(join(folder, 'copy-'));
  const left = new Set(['node_modules', '.git', '.build', '.serverless']);
  const needed = new Set(['scripts', 'serverless.yml', 'module_settings.json', 'package.json']);
  for (const name of readdirSync(root)) {
    if (!left.has(name) && !name.startsWith('.env') && (needed.has(name) || more(name))) {
      cpSync(join(root, name), join(copy, name), { recursive: true, filter: (path) => !basename(path).startsWith('watchlist.db') });
    }
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

test("another provider has no table; a stage's key comes from its .env file; a file store is packed read-only", async (t) => {
  const cwd = copyOfConfiguration(() => true);
  writeFileSync(join(cwd, '.env.dev'), `SECRET_KEY=${keyOf('e')}\n`);
  writeFileSync(join(cwd, 'watchlist.db'), 'indicators');
  const env = { SECRET_KEY: undefined };

  await t.test('another provider', async () => {
    writeFileSync(join(cwd, 'module_settings.json'), JSON.stringify({ ...settings, provider: 'example' }));
    const other = await slsPackage({ cwd, env });
    assert.ok(!hasTable(other));
    assert.doesNotMatch(JSON.stringify(functionPolicies(other)), /dynamodb/);
    const [[, { Properties: lambda }]] = ofType('AWS::Lambda::Function', other);
    assert.equal(lambda.Environment.Variables.RELAY_PROVIDER, 'example');
    assert.equal(lambda.Environment.Variables.SECRET_KEY, keyOf('e'));
  });

  // with providers/watchlist, from here
  await t.test('a watchlist in a file', async () => {
    writeFileSync(join(cwd, 'module_settings.json'), JSON.stringify({ ...settings, provider: 'watchlist' }));
    const file = await slsPackage({ cwd, env, params: { watchlistStore: 'file' } });
    assert.ok(!hasTable(file));
    assert.doesNotMatch(JSON.stringify(functionPolicies(file)), /dynamodb/);
    const lambdas = byName('AWS::Lambda::Function', 'FunctionName', 'serverless-relay-dev-', file);
    for (const name of names) {
      const files = modes(readFileSync(join(cwd, '.serverless', `${name}.zip`)));
      const packed = name !== 'version';
      assert.deepEqual(files, { bootstrap: 0o755, ...(packed ? { 'watchlist.db': 0o644 } : {}) }, name);
      const { WATCHLIST_STORE, WATCHLIST_READ_ONLY } = lambdas[name].Environment.Variables;
      assert.deepEqual([WATCHLIST_STORE, WATCHLIST_READ_ONLY], packed ? ['file', 'true'] : [undefined, undefined], name);
    }
  });
  // with providers/watchlist, to here
});
