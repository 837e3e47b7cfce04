// Checks how rights are compared with what was done, and the deployment policies' form.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from './go.mjs';
import { compare } from './rehearse/rights.mjs';

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

for (const name of ['deployment-policy.json', 'deployment-policy-unproven.json']) {
  test(`${name} can be attached`, () => {
    const text = readFileSync(join(root, 'aws', name), 'utf8');
    const { Version, Statement } = JSON.parse(text);
    assert.equal(Version, '2012-10-17');
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    assert.ok(text.replaceAll(/\s/g, '').length <= 6144, 'a policy has at most 6,144 characters, spaces aside');
    const placeholders = new Set(text.match(/\$\{[^}]*\}/g));
    for (const placeholder of placeholders) assert.ok(['${ACCOUNT}', '${REGION}'].includes(placeholder), placeholder);
    assert.equal(new Set(Statement.map(({ Sid }) => Sid)).size, Statement.length, 'each statement has its own name');
    for (const { Sid, Action, Resource } of Statement) {
      const actions = [Action].flat();
      assert.deepEqual(actions, actions.toSorted(), `${Sid} is sorted`);
      assert.ok(actions.every((action) => !action.endsWith(':*')), `${Sid} allows all of a service`);
      assert.ok([Resource].flat().every((resource) => resource === '*' || resource.includes('serverless-relay') || resource.includes('/apis') || resource.includes('/tags/')), `${Sid} is about more than the relay`);
    }
  });
}
