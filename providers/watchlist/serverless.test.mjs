// Checks what a deployment of the watchlist adds to the relay's.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { unzipSync } from 'fflate';
import { goOutput } from '../../scripts/go.mjs';
import { copyOfConfiguration, environments, modes, ofType, sls, slsPackage } from '../../scripts/packaging.mjs';
import { beyondBoundary, functionPolicies } from '../../scripts/rehearse/rights.mjs';

const packaged = (t, { env, ...more } = {}) =>
  slsPackage({ cwd: copyOfConfiguration(t), env: { RELAY_PROVIDER: 'watchlist', ...env }, ...more });

/** The settings of the watchlist in a template. All functions have the same. */
function watchlistSettings(template) {
  const { 'serverless-relay-dev-observe': settings } = environments(template);
  return Object.fromEntries(Object.entries(settings).filter(([name]) => name.startsWith('WATCHLIST_')));
}

test('the table outlives its stack, and each function may do with it what it does', async (t) => {
  const template = await packaged(t);
  assert.deepEqual(template.Resources.WatchlistTable, {
    Type: 'AWS::DynamoDB::Table',
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
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
  assert.deepEqual(watchlistSettings(template), { WATCHLIST_STORE: 'dynamodb', WATCHLIST_TABLE: 'serverless-relay-dev-watchlist' });

  assert.deepEqual(beyondBoundary(template), []);
  const read = ['dynamodb:BatchGetItem'];
  const wanted = {
    health: read,
    deliberate: read,
    observe: read,
    refer: read,
    respond: ['dynamodb:BatchGetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
    tiles: ['dynamodb:BatchGetItem', 'dynamodb:Query'],
    version: [],
  };
  for (const [name, { Statement }] of Object.entries(functionPolicies(template))) {
    const onTable = Statement.filter(({ Action }) => Action.some((action) => action.startsWith('dynamodb:')));
    assert.deepEqual(onTable.flatMap(({ Action }) => Action), wanted[name.slice('serverless-relay-dev-'.length)], name);
    for (const { Resource } of onTable) {
      assert.equal(Resource, 'arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/serverless-relay-dev-watchlist');
    }
  }
});

test("a stage has its own parameters, and --param overrides them", async (t) => {
  const { Properties: table } = (await packaged(t, { stage: 'prod', params: { tableProtected: false } })).Resources.WatchlistTable;
  assert.deepEqual(table.PointInTimeRecoverySpecification, { PointInTimeRecoveryEnabled: true });
  assert.equal(table.DeletionProtectionEnabled, false);
});

test('settings from the environment count', async (t) => {
  const env = { WATCHLIST_TABLE: 'another', WATCHLIST_READ_ONLY: 'true', WATCHLIST_VALID_FOR: '48h', WATCHLIST_STORE: ' ' };
  const template = await packaged(t, { env });
  assert.deepEqual(watchlistSettings(template), {
    WATCHLIST_STORE: 'dynamodb', WATCHLIST_TABLE: 'another', WATCHLIST_READ_ONLY: 'true', WATCHLIST_VALID_FOR: '48h',
  });
  assert.equal(template.Resources.WatchlistTable.Properties.TableName, 'another');
  assert.match(functionPolicies(template)['serverless-relay-dev-observe'].Statement.at(-1).Resource, /:table\/another$/);
});

test('a store in a file is packed read-only', async (t) => {
  const cwd = copyOfConfiguration(t);
  writeFileSync(join(cwd, 'watchlist.db'), 'indicators');
  const env = { WATCHLIST_FILE: '/home/me/other.db', WATCHLIST_READ_ONLY: 'false' };
  const template = await packaged(t, { params: { watchlistStore: 'file' }, env, cwd });
  assert.deepEqual(watchlistSettings(template), { WATCHLIST_STORE: 'file', WATCHLIST_FILE: 'watchlist.db', WATCHLIST_READ_ONLY: 'true' });
  assert.deepEqual(ofType('AWS::DynamoDB::Table', template), []);
  assert.doesNotMatch(JSON.stringify(functionPolicies(template)), /dynamodb/);
  const zip = readFileSync(join(cwd, '.serverless', 'observe.zip'));
  assert.deepEqual(modes(zip), { bootstrap: 0o755, 'watchlist.db': 0o644 });
  assert.equal(Buffer.from(unzipSync(zip).bootstrap).toString(), 'nodynamodb'); // the tag of its build
});

test('nodynamodb leaves DynamoDB out', () => {
  const dependencies = (tags) => goOutput(['list', '-deps', `-tags=${tags}`, './functions/observe']);
  const client = 'github.com/aws/aws-sdk-go-v2/service/dynamodb\n';
  assert.ok(dependencies('').includes(client));
  assert.ok(!dependencies('nodynamodb').includes(client));
});

test('a store that there is not is refused', async (t) => {
  const cwd = copyOfConfiguration(t);
  for (const [store, message] of [
    ['redis', /watchlistStore \(or WATCHLIST_STORE\) must be dynamodb or file/],
    ['file', /There is no watchlist\.db to deploy: make one with `go run/],
  ]) {
    const { status, output } = await sls(['package'], { cwd, env: { RELAY_PROVIDER: 'watchlist', WATCHLIST_STORE: store } });
    assert.equal(status, 1, output);
    assert.match(output, message);
  }
});
