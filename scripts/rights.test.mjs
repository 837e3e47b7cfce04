// Checks how rights are compared with what was done, and reads the deployment policies as an attacker would.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from './go.mjs';
import { allows, compare } from './rehearse/rights.mjs';

const allow = (Action, Resource) => ({ Effect: 'Allow', Action, Resource });
const read = (resource) => ({ action: 's3:GetObject', resources: [resource] });

const cases = [
  ['just enough', [allow('s3:GetObject', 'arn:aws:s3:::b/*')], [read('arn:aws:s3:::b/k')], [], []],
  ['an action too few', [allow('s3:PutObject', '*')], [read('b')], ['s3:GetObject on b'], ['s3:PutObject', '*']],
  ['another resource', [allow('s3:GetObject', 'b')], [read('b'), read('c')], ['s3:GetObject on c'], []],
  ['an action too many', [allow(['s3:GetObject', 's3:PutObject'], '*')], [read('b')], [], ['s3:PutObject']],
  ['a resource too many', [allow('s3:GetObject', ['b', 'c'])], [read('b')], [], ['c']],
  ['action and resource of two statements', [allow('s3:GetObject', 'b'), allow('s3:PutObject', 'c')], [read('c')],
    ['s3:GetObject on c'], ['s3:GetObject', 'b', 's3:PutObject', 'c']],
  ['wildcards', [allow('s3:Get*', 'a?c*')], [read('abc'), read('abcd')], [], []],
  ['a dot is a dot', [allow('s3:GetObject', 'a.c')], [read('abc')], ['s3:GetObject on abc'], ['s3:GetObject', 'a.c']],
  ['a variable is anything', [allow('s3:GetObject', 'arn:${ACCOUNT}:b')], [read('arn:1:b')], [], []],
  ['a transaction is its parts', [allow(['dynamodb:DeleteItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], 't')],
    [{ action: 'dynamodb:TransactWriteItems', resources: ['t'] }], [], []],
  ['nothing done', [allow('s3:GetObject', 'b')], [], [], ['s3:GetObject', 'b']],
];
for (const [title, Statement, done, missing, unused] of cases) {
  test(title, () => assert.deepEqual(compare({ Statement }, done), { missing, unused }));
}

const documents = ['deployment-policy.json', 'deployment-policy-unproven.json', 'function-boundary.json'];
const account = '111122223333';
const document = (name) => JSON.parse(readFileSync(join(root, 'aws', name), 'utf8').replaceAll('${ACCOUNT}', account).replaceAll('${REGION}', 'eu-west-1'));

for (const name of documents) {
  test(`${name} can be attached`, () => {
    const text = readFileSync(join(root, 'aws', name), 'utf8');
    const { Version, Statement } = JSON.parse(text);
    assert.equal(Version, '2012-10-17');
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    assert.ok(text.replaceAll(/\s/g, '').length <= 6144, 'a policy has at most 6,144 characters, not counting spaces');
    const placeholders = new Set(text.match(/\$\{[^}]*\}/g));
    for (const placeholder of placeholders) assert.ok(['${ACCOUNT}', '${REGION}'].includes(placeholder), placeholder);
    assert.equal(new Set(Statement.map(({ Sid }) => Sid)).size, Statement.length, 'each statement has its own name');
    for (const { Sid, Effect, Action, Resource } of Statement) {
      const actions = [Action].flat();
      assert.deepEqual(actions, actions.toSorted(), `${Sid} is sorted`);
      if (Effect === 'Deny') continue;
      assert.ok(actions.every((action) => !action.endsWith(':*')), `${Sid} allows all of a service`);
      assert.ok([Resource].flat().every((resource) => resource === '*' || resource.includes('serverless-relay') || resource.includes('/apis') || resource.includes('/tags/')), `${Sid} is about more than the relay`);
    }
  });
}

// What somebody would try with the deployer's credentials, and what a deployment does with them.

const deployer = documents.slice(0, 2).map(document);
const boundary = `arn:aws:iam::${account}:policy/serverless-relay-boundary`;
const administrator = 'arn:aws:iam::aws:policy/AdministratorAccess';
const role = `arn:aws:iam::${account}:role/serverless-relay-dev-eu-west-1-observe`;
const lambda = `arn:aws:lambda:eu-west-1:${account}:function:serverless-relay-dev-observe`;
const table = `arn:aws:dynamodb:eu-west-1:${account}:table/serverless-relay-dev-watchlist`;
const api = 'arn:aws:apigateway:eu-west-1::/apis/a1b2c3d4e5';
const viaService = { 'aws:ViaAWSService': 'true' };

const needs = {
  'make a role within the boundary': { action: 'iam:CreateRole', resource: role, 'iam:PermissionsBoundary': boundary },
  'give it rights': { action: 'iam:PutRolePolicy', resource: role, 'iam:PermissionsBoundary': boundary },
  'give it to a function': { action: 'iam:PassRole', resource: role, 'iam:PassedToService': 'lambda.amazonaws.com' },
  'let the API invoke a function': { action: 'lambda:AddPermission', resource: lambda, 'lambda:Principal': 'apigateway.amazonaws.com' },
  'make an API': { action: 'apigateway:POST', resource: 'arn:aws:apigateway:eu-west-1::/apis' },
  'make a route': { action: 'apigateway:POST', resource: `${api}/routes`, 'aws:ResourceTag/Service': 'serverless-relay' },
  'make a route, if AWS passes no tags': { action: 'apigateway:POST', resource: `${api}/routes` },
  'tag an API': { action: 'apigateway:PUT', resource: 'arn:aws:apigateway:eu-west-1::/tags/arn%3Aaws%3Aapigateway' },
  'have the access log delivered': { action: 'logs:CreateLogDelivery', resource: '*', ...viaService },
  'upload a package': { action: 's3:PutObject', resource: 'arn:aws:s3:::serverless-relay-dev-bucket/x.zip', 'aws:ResourceAccount': account },
};
for (const [title, request] of Object.entries(needs)) test(`the deployer can ${title}`, () => assert.ok(allows(deployer, request)));

const attacks = {
  'make a role without a boundary': { action: 'iam:CreateRole', resource: role },
  'make a role within another boundary': { action: 'iam:CreateRole', resource: role, 'iam:PermissionsBoundary': administrator },
  'make a role of another name': { action: 'iam:CreateRole', resource: `arn:aws:iam::${account}:role/admin`, 'iam:PermissionsBoundary': boundary },
  'give rights to a role without a boundary': { action: 'iam:PutRolePolicy', resource: role },
  'attach a policy to a role': { action: 'iam:AttachRolePolicy', resource: role, 'iam:PermissionsBoundary': boundary },
  'replace the boundary of a role': { action: 'iam:PutRolePermissionsBoundary', resource: role, 'iam:PermissionsBoundary': administrator },
  'remove the boundary of a role': { action: 'iam:DeleteRolePermissionsBoundary', resource: role },
  'change the boundary': { action: 'iam:CreatePolicyVersion', resource: boundary },
  'let somebody else assume a role': { action: 'iam:UpdateAssumeRolePolicy', resource: role },
  'assume a role': { action: 'sts:AssumeRole', resource: role },
  'pass a role to EC2': { action: 'iam:PassRole', resource: role, 'iam:PassedToService': 'ec2.amazonaws.com' },
  'pass a role to CloudFormation': { action: 'iam:PassRole', resource: role, 'iam:PassedToService': 'cloudformation.amazonaws.com' },
  'pass another role': { action: 'iam:PassRole', resource: `arn:aws:iam::${account}:role/admin`, 'iam:PassedToService': 'lambda.amazonaws.com' },
  'make a user': { action: 'iam:CreateUser', resource: `arn:aws:iam::${account}:user/serverless-relay-x` },
  'make more credentials': { action: 'iam:CreateAccessKey', resource: `arn:aws:iam::${account}:user/relay-deployer` },
  'change another function': { action: 'lambda:UpdateFunctionCode', resource: `arn:aws:lambda:eu-west-1:${account}:function:payroll` },
  'let another account invoke a function': { action: 'lambda:AddPermission', resource: lambda, 'lambda:Principal': '999988887777' },
  'give a function a URL': { action: 'lambda:CreateFunctionUrlConfig', resource: lambda },
  'upload to a bucket of another account': { action: 's3:PutObject', resource: 'arn:aws:s3:::serverless-relay-theirs/x', 'aws:ResourceAccount': '999988887777' },
  'read another bucket': { action: 's3:GetObject', resource: 'arn:aws:s3:::payroll/x', 'aws:ResourceAccount': account },
  'read the watchlist': { action: 'dynamodb:Query', resource: table },
  'delete the watchlist': { action: 'dynamodb:DeleteTable', resource: table },
  'redirect logs': { action: 'logs:PutResourcePolicy', resource: '*' },
  'end the delivery of a log': { action: 'logs:DeleteLogDelivery', resource: '*' },
  'read another log': { action: 'logs:FilterLogEvents', resource: `arn:aws:logs:eu-west-1:${account}:log-group:/aws/lambda/payroll` },
  "change a tagged API of another service": { action: 'apigateway:PATCH', resource: `${api}/routes/r`, 'aws:ResourceTag/Service': 'payroll' },
  "replace a tagged API's tag": { action: 'apigateway:PUT', resource: 'arn:aws:apigateway:eu-west-1::/tags/x', 'aws:ResourceTag/Service': 'payroll' },
  'change a REST API': { action: 'apigateway:PATCH', resource: 'arn:aws:apigateway:eu-west-1::/restapis/x' },
  'change a domain': { action: 'apigateway:PATCH', resource: 'arn:aws:apigateway:eu-west-1::/domainnames/relay.example' },
  'read another parameter': { action: 'ssm:GetParameter', resource: `arn:aws:ssm:eu-west-1:${account}:parameter/payroll/key` },
  'change the key': { action: 'ssm:PutParameter', resource: `arn:aws:ssm:eu-west-1:${account}:parameter/serverless-relay/prod/SECRET_KEY` },
  'change another stack': { action: 'cloudformation:CreateChangeSet', resource: `arn:aws:cloudformation:eu-west-1:${account}:stack/payroll/1` },
};
for (const [title, request] of Object.entries(attacks)) test(`the deployer can't ${title}`, () => assert.ok(!allows(deployer, request)));

test('each condition of the policies stops an attack', () => {
  for (const [i, { Statement }] of deployer.entries()) {
    for (const [j, { Sid, Effect, Condition = {} }] of Statement.entries()) {
      for (const operator of Object.keys(Condition)) {
        const weaker = structuredClone(deployer);
        if (Effect === 'Deny') weaker[i].Statement.splice(j, 1);
        else delete weaker[i].Statement[j].Condition[operator];
        assert.ok(Object.values(attacks).some((request) => allows(weaker, request)), `${Sid}: ${operator}`);
      }
    }
  }
});

// A function whose role allows everything still has no more rights than the boundary.
const bounds = [document('function-boundary.json')];
const outOfBounds = {
  'change its own role': { action: 'iam:PutRolePolicy', resource: role },
  'assume a role': { action: 'sts:AssumeRole', resource: role },
  'read a bucket': { action: 's3:GetObject', resource: 'arn:aws:s3:::payroll/x' },
  'read another table': { action: 'dynamodb:GetItem', resource: `arn:aws:dynamodb:eu-west-1:${account}:table/payroll` },
  'delete its table': { action: 'dynamodb:DeleteTable', resource: table },
  'write another log': { action: 'logs:PutLogEvents', resource: `arn:aws:logs:eu-west-1:${account}:log-group:/aws/lambda/payroll:*` },
  'read another parameter': { action: 'ssm:GetParameter', resource: `arn:aws:ssm:eu-west-1:${account}:parameter/payroll/key` },
  'change a parameter': { action: 'ssm:PutParameter', resource: `arn:aws:ssm:eu-west-1:${account}:parameter/serverless-relay/dev/SECRET_KEY` },
  'decrypt anything else': { action: 'kms:Decrypt', resource: `arn:aws:kms:eu-west-1:${account}:key/x` },
  'decrypt another parameter': { action: 'kms:Decrypt', resource: `arn:aws:kms:eu-west-1:${account}:key/x`, 'kms:EncryptionContext:PARAMETER_ARN': `arn:aws:ssm:eu-west-1:${account}:parameter/payroll/key` },
  'invoke a function': { action: 'lambda:InvokeFunction', resource: lambda },
  'make a network interface': { action: 'ec2:CreateNetworkInterface', resource: '*', 'lambda:SourceFunctionArn': lambda },
};
for (const [title, request] of Object.entries(outOfBounds)) test(`a function can't ${title}`, () => assert.ok(!allows(bounds, request)));
test('Lambda can make network interfaces for a function', () => assert.ok(allows(bounds, { action: 'ec2:CreateNetworkInterface', resource: '*' })));
