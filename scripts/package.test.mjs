// Packages the service as a deployment would and checks what would be deployed.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { unzipSync } from 'fflate';
import { functionNames } from './build.mjs';
import { goOutput, root } from './go.mjs';
import { byName, copyOfConfiguration, environments, keyOf, modes, ofType, secretKey, sls, slsPackage } from './packaging.mjs';
import { beyondBoundary, functionPolicies } from './rehearse/rights.mjs';
import { providerNames, settings } from './serverless-provider.mjs';
import { show } from './serverless-url.mjs';

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
const deployedNames = names.map((name) => `serverless-relay-dev-${name}`);
const { provider } = JSON.parse(readFileSync(join(root, 'module_settings.json'), 'utf8'));

let folder;
let template;
let resources;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'relay-package-'));
  template = await slsPackage();
  resources = template.Resources;
});
after(() => rmSync(folder, { recursive: true }));

const zipOf = (name) => readFileSync(join(root, '.serverless', `${name}.zip`));

/** The routes by which API Gateway finds a path: itself and below a provider's name, each also with a slash at its end. */
const withVariables = (path) => ['', '/{provider}'].flatMap((prefix) => [`${prefix}${path}`, `${prefix}${path}/{slash+}`]);

test('each folder in functions/ is deployed as a function, and nothing else is', () => {
  assert.deepEqual(functionNames(), names);
  const deployed = ofType('AWS::Lambda::Function', template).map(([, { Properties }]) => Properties.FunctionName);
  assert.deepEqual(deployed.sort(), deployedNames);
});

test('each route leads to its own function, with and without a slash at its end', () => {
  const found = {};
  for (const [, { Properties: route }] of ofType('AWS::ApiGatewayV2::Route', template)) {
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
    for (const route of withVariables(path)) wanted[`POST ${route}`] = `serverless-relay-dev-${name}`;
  }
  assert.deepEqual(found, wanted);
});

test('the API may invoke every function', () => {
  const allowed = ofType('AWS::Lambda::Permission', template).map(([, { Properties }]) => {
    assert.equal(Properties.Principal, 'apigateway.amazonaws.com');
    return resources[Properties.FunctionName['Fn::GetAtt'][0]].Properties.FunctionName;
  });
  assert.deepEqual(allowed.sort(), deployedNames);
});

for (const name of names) {
  test(`${name} runs its own code with the key`, () => {
    const [, { Properties: lambda }] = ofType('AWS::Lambda::Function', template).find(
      ([, { Properties }]) => Properties.FunctionName === `serverless-relay-dev-${name}`,
    );
    assert.equal(lambda.Runtime, 'provided.al2023');
    assert.deepEqual(lambda.Architectures, ['arm64']);
    assert.equal(lambda.Handler, 'bootstrap');
    assert.ok(lambda.Timeout < 30, 'an HTTP API waits 30 seconds');
    assert.ok(lambda.MemorySize <= 256, 'memory that nothing needs is paid for');
    assert.deepEqual(lambda.LoggingConfig, { LogFormat: 'JSON', ApplicationLogLevel: 'TRACE' });
    assert.match(lambda.Code.S3Key, new RegExp(`/${name}\\.zip$`));
    const { SECRET_KEY, RELAY_PROVIDER } = lambda.Environment.Variables;
    assert.deepEqual([SECRET_KEY, RELAY_PROVIDER], [secretKey, provider]);
  });

  test(`${name}.zip contains its own arm64 binary, executable`, () => {
    const zip = zipOf(name);
    const bytes = unzipSync(zip).bootstrap;
    assert.equal(modes(zip).bootstrap, 0o755);

    const header = Buffer.from(bytes.subarray(0, 20));
    assert.equal(header.toString('latin1', 0, 4), '\x7fELF');
    assert.equal(header[4], 2, '64 bits');
    assert.equal(header.readUInt16LE(18), 0xb7, 'AArch64');

    // What a Go binary says of itself: from which package and how it was built.
    const binary = join(folder, name);
    writeFileSync(binary, bytes);
    const about = goOutput(['version', '-m', binary]);
    const main = `${goOutput(['list', '-m'])}/functions/${name}`;
    assert.ok(about.includes(`\tpath\t${main}\n`), `${binary} is not built from ${main}:\n${about}`);
    for (const setting of ['GOOS=linux', 'GOARCH=arm64', 'CGO_ENABLED=0', '-trimpath=true', '-tags=lambda.norpc']) {
      assert.ok(about.includes(`\tbuild\t${setting}\n`), `${name} is built without ${setting}`);
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

test('each function has its own role, which lets it write its log', () => {
  const policies = functionPolicies(template);
  for (const name of names) {
    const [log] = policies[`serverless-relay-dev-${name}`].Statement;
    assert.deepEqual(log, {
      Effect: 'Allow',
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:/aws/lambda/serverless-relay-dev-${name}:*`,
    });
  }
  const roles = ofType('AWS::IAM::Role', template).map(([, { Properties }]) => Properties);
  assert.deepEqual(roles.map(({ RoleName }) => RoleName).sort(), names.map((name) => `serverless-relay-dev-us-east-1-${name}`));
  for (const { RoleName, AssumeRolePolicyDocument, ManagedPolicyArns, PermissionsBoundary, Policies } of roles) {
    assert.ok(RoleName.length <= 64, RoleName);
    assert.deepEqual(AssumeRolePolicyDocument.Statement.map(({ Principal }) => Principal), [{ Service: 'lambda.amazonaws.com' }]);
    assert.equal(ManagedPolicyArns, undefined);
    assert.deepEqual(PermissionsBoundary, { 'Fn::Sub': 'arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/serverless-relay-boundary' });
    assert.equal(Policies.length, 1);
  }
});

test('the API limits what comes and logs it without secrets', () => {
  const [[, { Properties: stage }]] = ofType('AWS::ApiGatewayV2::Stage', template);
  assert.deepEqual(stage.DefaultRouteSettings, { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 });
  const logged = JSON.parse(stage.AccessLogSettings.Format);
  assert.equal(logged.route, '$context.routeKey');
  for (const value of Object.values(logged)) {
    assert.match(value, /^\$context\.[\w.]+$/);
    assert.doesNotMatch(value, /header|authorizer|query|body|\.path$/i);
  }
});

test('logs end, and everything has its tags', () => {
  const groups = ofType('AWS::Logs::LogGroup', template).map(([, { Properties }]) => Properties);
  assert.equal(groups.length, names.length + 1);
  for (const { RetentionInDays, LogGroupName } of groups) assert.equal(RetentionInDays, 7, LogGroupName);
  for (const [, { Properties }] of ofType('AWS::Lambda::Function', template)) {
    assert.deepEqual(Properties.Tags, [{ Key: 'Service', Value: 'serverless-relay' }, { Key: 'Stage', Value: 'dev' }]);
  }
});

test('what is extra is off, and nothing of it is there', () => {
  for (const type of ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::Dashboard', 'AWS::Lambda::Alias', 'AWS::Lambda::Version']) {
    assert.deepEqual(ofType(type, template), [], type);
  }
  for (const [name, { Properties }] of ofType('AWS::Lambda::Function', template)) {
    assert.equal(Properties.ReservedConcurrentExecutions, undefined, name);
    assert.equal(Properties.TracingConfig, undefined, name);
    assert.deepEqual(Properties.VpcConfig, { SubnetIds: [], SecurityGroupIds: [] }, name);
  }
});

test('a stage with everything in it', async (t) => {
  const topic = 'arn:aws:sns:eu-west-1:123456789012:relay';
  const cwd = copyOfConfiguration(t);
  const service = readFileSync(join(cwd, 'serverless.yml'), 'utf8');
  const network = '  prod:\n    subnets: [subnet-1, subnet-2]\n    securityGroups: [sg-1]\n';
  writeFileSync(join(cwd, 'serverless.yml'), service.replace('  prod:\n', network));
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
    cwd,
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
      assert.deepEqual(functionPolicies(all)[`serverless-relay-prod-${name}`].Statement.at(-3), {
        Effect: 'Allow',
        Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
        Resource: '*',
      });
    }
  });

  await t.test('runs in its network, which only Lambda itself may connect it to', () => {
    for (const name of names) {
      assert.deepEqual(lambdas[name].VpcConfig, { SubnetIds: ['subnet-1', 'subnet-2'], SecurityGroupIds: ['sg-1'] });
      const [allowed, denied] = functionPolicies(all)[`serverless-relay-prod-${name}`].Statement.slice(-2);
      assert.deepEqual([allowed.Effect, denied.Effect, denied.Action], ['Allow', 'Deny', allowed.Action]);
      assert.ok(allowed.Action.includes('ec2:CreateNetworkInterface'));
      assert.match(denied.Condition.ArnEquals['lambda:SourceFunctionArn'], new RegExp(`:function:serverless-relay-prod-${name}$`));
    }
  });

  await t.test('gives no function a right beyond the boundary', () => {
    assert.deepEqual(beyondBoundary(all), []);
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
    for (const metric of ['UpstreamCalls', 'CallMs']) {
      assert.ok(shown.includes(`{ServerlessRelay/prod,Provider} MetricName=\\"${metric}\\"`), metric);
    }
    // The queries find the third party in a line of the log as the functions write it.
    const [, expression] = /parse @message \/(.+?)\/ \|/.exec(widgets.map(({ properties }) => properties.query ?? '').join('\n'));
    const { groups } = new RegExp(expression).exec('{"message":"request","provider":"greynoise","calls":{"GreyNoise":{"count":3,"ms":412.1}},"_aws":{}}');
    assert.deepEqual({ ...groups }, { third_party: 'GreyNoise', calls: '3', ms: '412.1' });
    assert.equal(shown.match(/Error rate/g).length, 2);
    for (const name of names) assert.ok(shown.includes(`SOURCE '/aws/lambda/serverless-relay-prod-${name}'`), name);
  });

  await t.test('keeps its logs', () => {
    for (const [, { Properties }] of ofType('AWS::Logs::LogGroup', all)) assert.equal(Properties.RetentionInDays, 90);
  });

  await t.test('follows the parameters', () => {
    const [[, { Properties: stage }]] = ofType('AWS::ApiGatewayV2::Stage', all);
    assert.equal(Number(stage.DefaultRouteSettings.ThrottlingRateLimit), 5);
    assert.ok(ofType('AWS::IAM::Role', all).every(([, { Properties }]) => Properties.RoleName.startsWith('serverless-relay-prod-eu-west-1-')));
  });
});

test('what would not work is refused immediately', async (t) => {
  const cwd = copyOfConfiguration(t);
  const service = readFileSync(join(cwd, 'serverless.yml'), 'utf8');
  writeFileSync(join(cwd, 'serverless.yml'), service.replace('  prod:\n', '  bare:\n  prod:\n')); // a stage without parameters
  const refusals = [
    [['deploy', '--stage', 'dev'], { SECRET_KEY: '' }, /^\s*go run \.\/cmd\/relay jwt dev --save$/m],
    [['deploy', 'function', '-f', 'health', '--stage', 'prod'], { SECRET_KEY: '' }, /^\s*go run \.\/cmd\/relay jwt prod --save$/m],
    [['info', '--stage', 'staging'], {}, /no stage "staging"\. serverless\.yml has dev and prod and bare/],
    [['package', '--param', 'alarm=true'], {}, /no parameter "alarm"\. There are alarmLatency, .*reservedConcurrency, .*tableBackups, /],
    [['package', '--param', 'throttlingRate=0'], {}, /throttlingRate is "0", not a number above 0/],
    [['package', '--param', 'alarmLatency=2 s'], {}, /alarmLatency is "2 s", not a number above 0/],
  ];
  await Promise.all(refusals.map(([args, env, message]) => refused(args, { cwd, env }, message)));
});

test('settings with which no function would start are refused', async () => {
  const refusals = [
    [{ RELAY_CONCURRENCY: 'many', GOOS: 'linux', GOARCH: 'arm64' }, /setting RELAY_CONCURRENCY is not a whole number from 1 to 1000/],
    [{ RELAY_PROVIDER: 'misp', UPSTREAM_CA_FILE: 'package.json' }, /provider misp: setting UPSTREAM_CA_FILE is not a readable file with certificates/],
    [{ SECRET_KEY: '{{resolve:ssm:/key}}', WATCHLIST_VALID_FOR: '1h' }, /provider watchlist: setting WATCHLIST_VALID_FOR is not a duration/],
  ];
  await Promise.all(refusals.map(([env, message]) => refused(['package'], { env }, message)));
});

/** Checks that sls refuses before it asks AWS for anything, and that its message shows no key. */
async function refused(args, { cwd, env }, message) {
  const { status, output } = await sls(args, { cwd, env: { ...env, AWS_ENDPOINT_URL: 'http://127.0.0.1:1' } });
  assert.equal(status, 1, `sls ${args.join(' ')}:\n${output}`);
  assert.match(output, message);
  assert.doesNotMatch(output, /kkkkkkkk|pppppppp/, 'a key is shown');
}

test('the providers are the folders in providers/', () => {
  const providers = mkdtempSync(join(folder, 'providers-'));
  for (const name of ['misp', 'acme', 'internal']) mkdirSync(join(providers, name));
  writeFileSync(join(providers, 'all.go'), '');
  assert.deepEqual(providerNames(providers), ['acme', 'misp']);
});

test('settings are found by their prefix', () => {
  const variables = {
    RELAY_CONCURRENCY: '3', UPSTREAM_CACHE: '5m', JWKS_HOSTS: 'keys.example', LOG_LEVEL: 'warn', ACME_URL: 'https://acme.example', ACMEX_URL: 'x',
    RELAY_URL: ' ', RELAY_JWT: 'a token', AWS_SECRET_ACCESS_KEY: 'credentials', SECRET_KEY: 'a key', PATH: '/bin', LOG_LEVELS: 'x',
  };
  const { RELAY_CONCURRENCY, UPSTREAM_CACHE, JWKS_HOSTS, LOG_LEVEL, ACME_URL } = variables;
  assert.deepEqual(settings(variables, ['acme', 'aws']), { RELAY_CONCURRENCY, UPSTREAM_CACHE, JWKS_HOSTS, LOG_LEVEL, ACME_URL });
});

test('a provider is deployed by its folder alone', async (t) => {
  const cwd = copyOfConfiguration(t);
  mkdirSync(join(cwd, 'providers', 'acme'));
  const packaged = (env) => slsPackage({ cwd, env: { RELAY_PROVIDER: 'acme', ...env } });

  await t.test('with its settings, from the environment and .env.<stage>', async () => {
    writeFileSync(join(cwd, '.env.dev'), `SECRET_KEY=${keyOf('e')}\nACME_TIMEOUT=9s\nACME_URL=https://acme.example\n`);
    const found = environments(await packaged({ SECRET_KEY: undefined, ACME_URL: 'https://shell.example', ACME_EMPTY: '', RELAY_METRICS: 'Relay/dev' }));
    const wanted = { SECRET_KEY: keyOf('e'), RELAY_PROVIDER: 'acme', RELAY_STAGE: 'dev', RELAY_METRICS: 'Relay/dev', ACME_TIMEOUT: '9s', ACME_URL: 'https://shell.example' };
    assert.deepEqual(found, Object.fromEntries(deployedNames.map((name) => [name, wanted])));
  });

  await t.test('without what another provider adds', async () => {
    const template = await packaged();
    assert.deepEqual(ofType('AWS::DynamoDB::Table', template), []);
    for (const { Statement } of Object.values(functionPolicies(template))) assert.equal(Statement.length, 1);
  });

  await t.test('with what its serverless.yml adds', async () => {
    writeFileSync(join(cwd, 'providers', 'acme', 'serverless.yml'), `
deploy:
  environment: {ACME_URL: 'https://file.example', ACME_QUEUE: '\${self:service}-\${sls:stage}-acme'}
  rights: {observe: [{Effect: Allow, Action: 'sqs:SendMessage', Resource: '*'}]}
  resources: {AcmeQueue: {Type: 'AWS::SQS::Queue'}}
  files: {acme.txt: make one}
`);
    writeFileSync(join(cwd, 'acme.txt'), 'packed');
    const template = await packaged({ ACME_URL: 'https://shell.example' });
    const { ACME_URL, ACME_QUEUE } = environments(template)['serverless-relay-dev-observe'];
    assert.deepEqual([ACME_URL, ACME_QUEUE], ['https://file.example', 'serverless-relay-dev-acme']);
    assert.deepEqual(template.Resources.AcmeQueue, { Type: 'AWS::SQS::Queue' });
    assert.deepEqual(beyondBoundary(template), ['sqs:SendMessage on *']);
    for (const [name, { Statement }] of Object.entries(functionPolicies(template))) {
      assert.equal(Statement.some(({ Action }) => Action === 'sqs:SendMessage'), name === 'serverless-relay-dev-observe', name);
    }
    const zip = readFileSync(join(cwd, '.serverless', 'health.zip'));
    assert.deepEqual(modes(zip), { bootstrap: 0o755, 'acme.txt': 0o644 });
    assert.equal(Buffer.from(unzipSync(zip)['acme.txt']).toString(), 'packed');
  });

  await t.test('beside another one, with what both add', async () => {
    const template = await packaged({ RELAY_PROVIDER: 'acme,watchlist', ACME_TIMEOUT: '8s' });
    const { ACME_QUEUE, ACME_TIMEOUT, RELAY_PROVIDER, WATCHLIST_TABLE } = environments(template)['serverless-relay-dev-observe'];
    assert.deepEqual(
      [RELAY_PROVIDER, ACME_QUEUE, ACME_TIMEOUT, WATCHLIST_TABLE],
      ['acme,watchlist', 'serverless-relay-dev-acme', '8s', 'serverless-relay-dev-watchlist'],
    );
    assert.deepEqual(template.Resources.AcmeQueue, { Type: 'AWS::SQS::Queue' });
    assert.equal(ofType('AWS::DynamoDB::Table', template).length, 1);
    const actions = functionPolicies(template)['serverless-relay-dev-observe'].Statement.flatMap(({ Action }) => Action);
    for (const action of ['sqs:SendMessage', 'dynamodb:BatchGetItem']) assert.ok(actions.includes(action), action);
    // CloudFormation's limit is 500 resources, and API Gateway's 300 routes.
    assert.ok(Object.keys(template.Resources).length < 250);
    assert.ok(ofType('AWS::ApiGatewayV2::Route', template).length < 150);
  });

  await t.test('with the certificates that its third party needs', async () => {
    const elsewhere = join(mkdtempSync(join(folder, 'ca-')), 'ours.pem');
    writeFileSync(elsewhere, '-----BEGIN CERTIFICATE-----\n');
    const template = await packaged({ UPSTREAM_CA_FILE: elsewhere });
    for (const [name, { UPSTREAM_CA_FILE }] of Object.entries(environments(template))) assert.equal(UPSTREAM_CA_FILE, 'upstream-ca.pem', name);
    const files = unzipSync(readFileSync(join(cwd, '.serverless', 'health.zip')));
    assert.equal(Buffer.from(files['upstream-ca.pem']).toString(), '-----BEGIN CERTIFICATE-----\n');

    writeFileSync(elsewhere, '-----BEGIN EC PRIVATE KEY-----\n');
    const { status, output } = await sls(['package'], { cwd, env: { RELAY_PROVIDER: 'acme', UPSTREAM_CA_FILE: elsewhere } });
    assert.equal(status, 1);
    assert.match(output, /ours\.pem contains a private key/);
  });

  await t.test('unless a file is missing', async () => {
    rmSync(join(cwd, 'acme.txt'));
    const { status, output } = await sls(['package'], { cwd, env: { RELAY_PROVIDER: 'acme' } });
    assert.equal(status, 1);
    assert.match(output, /There is no acme\.txt to deploy: make one\./);
  });
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
    const cwd = copyOfConfiguration(t);
    const { output } = await sls(['print', '--stage', 'prod', '--path', 'provider.environment', '--format', 'json'], { cwd, env: variables });
    const { SECRET_KEY, SECRET_KEY_PREVIOUS } = JSON.parse(output.slice(output.indexOf('{')));
    return { SECRET_KEY, SECRET_KEY_PREVIOUS };
  };
  assert.deepEqual(await keys({ SECRET_KEY_PREVIOUS: keyOf('p') }), { SECRET_KEY: secretKey, SECRET_KEY_PREVIOUS: keyOf('p') });
  assert.deepEqual(asked, [], 'a key in the environment comes first, and no parameter is read');
  assert.deepEqual(await keys({ SECRET_KEY: undefined, SECRET_KEY_PREVIOUS: undefined }), { SECRET_KEY: keyOf('s'), SECRET_KEY_PREVIOUS: undefined });
  assert.deepEqual(asked.sort(), ['/serverless-relay/prod/SECRET_KEY', '/serverless-relay/prod/SECRET_KEY_PREVIOUS']);
});

test('a stage can refer to its key instead of naming it', async (t) => {
  const cwd = copyOfConfiguration(t);
  const reference = '{{resolve:secretsmanager:serverless-relay/dev:SecretString:SECRET_KEY}}';
  const template = await slsPackage({ cwd, params: { secretKey: reference }, env: { SECRET_KEY: 'e'.repeat(64) } });
  for (const [name, { SECRET_KEY }] of Object.entries(environments(template))) assert.equal(SECRET_KEY, reference, name);
  for (const name of readdirSync(join(cwd, '.serverless'))) {
    assert.ok(!readFileSync(join(cwd, '.serverless', name)).includes('eeeeeeee'), name);
  }
  const { output } = await sls(['package', '--param', 'secretKey={{resolve:ssm-secure:/serverless-relay/dev/SECRET_KEY}}'], { cwd });
  assert.match(output, /can't pass to Lambda.*SECRET_KEY_PARAMETER/);
});

test('the functions can read their keys from Systems Manager', async (t) => {
  const cwd = copyOfConfiguration(t);
  const names = { SECRET_KEY_PARAMETER: '/serverless-relay/dev/SECRET_KEY:2', SECRET_KEY_PREVIOUS_PARAMETER: '/serverless-relay/dev/SECRET_KEY:1' };
  const template = await slsPackage({ cwd, env: { ...names, SECRET_KEY: keyOf('e'), SECRET_KEY_PREVIOUS: keyOf('f') } });
  for (const [name, { SECRET_KEY, SECRET_KEY_PREVIOUS, SECRET_KEY_PARAMETER, SECRET_KEY_PREVIOUS_PARAMETER }] of Object.entries(environments(template))) {
    assert.deepEqual({ SECRET_KEY, SECRET_KEY_PREVIOUS }, { SECRET_KEY: undefined, SECRET_KEY_PREVIOUS: undefined }, name);
    assert.deepEqual({ SECRET_KEY_PARAMETER, SECRET_KEY_PREVIOUS_PARAMETER }, names, name);
  }
  for (const name of readdirSync(join(cwd, '.serverless'))) {
    const text = readFileSync(join(cwd, '.serverless', name), 'latin1');
    for (const letter of ['e', 'f']) assert.ok(!text.includes(letter.repeat(8)), name);
  }
  const arn = 'arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/serverless-relay/dev/SECRET_KEY';
  const keyRights = ({ Statement }) => Statement.filter(({ Action }) => /ssm|kms/.test(Action));
  for (const [name, policy] of Object.entries(functionPolicies(template))) {
    const wanted = [
      { Effect: 'Allow', Action: ['ssm:GetParameter'], Resource: arn },
      { Effect: 'Allow', Action: ['kms:Decrypt'], Resource: '*', Condition: { StringEquals: { 'kms:EncryptionContext:PARAMETER_ARN': arn } } },
    ];
    assert.deepEqual(keyRights(policy), name.endsWith('-version') ? [] : wanted, name);
  }
  assert.deepEqual(beyondBoundary(template), []);
  for (const name of ['/payroll/key', 'serverless-relay/dev/SECRET_KEY', '/serverless-relay/dev/*', '/serverless-relay/a b']) {
    const { output } = await sls(['package'], { cwd, env: { SECRET_KEY_PARAMETER: name } });
    assert.match(output, /may only read parameters such as \/serverless-relay\/dev\/SECRET_KEY/, name);
  }
});

test('nobody else can read what was packaged', { skip: process.platform === 'win32' }, () => {
  const files = readdirSync(join(root, '.serverless'));
  assert.ok(files.length > names.length);
  for (const name of files) assert.equal(statSync(join(root, '.serverless', name)).mode & 0o077, 0, name);
});

test('a deployment shows the URL, and each route once', () => {
  const host = 'https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com';
  const paths = Object.keys(routes).flatMap(withVariables);
  const outputs = new Map([['stack', 'x'], ['endpoints', paths.map((path) => `POST - ${host}${path}`)]]);
  show(outputs, ['watchlist', 'misp']);
  assert.deepEqual([...outputs], [['stack', 'x'], ['url', host], ['url of misp', `${host}/misp`], ['endpoints', Object.keys(routes).map((path) => `POST - ${host}${path}`)]]);
  const none = new Map();
  show(none, ['watchlist']);
  assert.equal(none.size, 0);
});

test('a rehearsal does not touch an account by accident', async () => {
  const child = spawn(process.execPath, [join(root, 'scripts', 'rehearse.mjs')], { env: { ...process.env, AWS_ENDPOINT_URL: '' }, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (said += text));
  const [status] = await once(child, 'close');
  assert.equal(status, 2);
  assert.match(said, /AWS_ENDPOINT_URL is not set.*--really/);
});
