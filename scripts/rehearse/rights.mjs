// Compares what was done in an AWS account with what an IAM policy allows.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../go.mjs';

// Where an emulator lists the AWS actions, with who did them and on which resources.
const actionsPath = '/_loopback/actions';

/** Empties the endpoint's list of actions, if it has one. */
export async function forgetActions(endpoint) {
  await fetch(new URL(actionsPath, endpoint), { method: 'DELETE' });
}

/**
 * Compares the endpoint's list of actions with the deployment policy and with the functions' roles in the template.
 * Throws if a right is missing or unused.
 */
export async function compareRights(endpoint, template) {
  const response = endpoint && (await fetch(new URL(actionsPath, endpoint)));
  if (!response?.ok) return 'the endpoint has no list of actions';
  const actions = await response.json();
  const deploying = JSON.parse(readFileSync(join(root, 'aws', 'deployment-policy.json'), 'utf8'));
  const compared = [
    ['aws/deployment-policy.json', 'deployer', deploying],
    ...Object.entries(functionPolicies(template)).map(([name, policy]) => [`the role of ${name}`, `function ${name}`, policy]),
  ];
  const hasTable = Object.values(template.Resources).some(({ Type }) => Type === 'AWS::DynamoDB::Table');
  const flaws = compared.flatMap(([what, principal, policy]) => {
    const { missing, unused } = compare(policy, actions.filter((entry) => entry.principal === principal));
    // The deployment policy covers every stage. This one may have no table.
    const needless = hasTable ? unused : unused.filter((item) => !item.includes('dynamodb:'));
    return [...missing.map((item) => `${what} lacks ${item}`), ...needless.map((item) => `${what} has, and nothing needs, ${item}`)];
  });
  assert.deepEqual(flaws, []);
  return `of ${actions.length} actions none was without a right, and no right without an action`;
}

// In IAM a transaction is not an action. It needs the rights of its parts.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
const transactions = {
  'dynamodb:TransactWriteItems': ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
  'dynamodb:TransactGetItems': ['dynamodb:GetItem'],
};

/**
 * Compares a policy document with a list of { action, resources }. Returns the actions that the policy doesn't allow, and
 * the actions and resources of its statements that the list doesn't use. A ${variable} in a resource stands for any text.
 * Ignores conditions and denials, as the list doesn't say what a condition would need to know. See `allows`.
 */
export function compare({ Statement: statements }, done) {
  const allowed = statements.filter(({ Effect }) => Effect === 'Allow').map(({ Action, Resource }) => ({ actions: [Action].flat(), resources: [Resource].flat() }));
  const missing = new Set();
  const used = new Set();
  for (const { action: name, resources } of done) {
    for (const [action, resource] of (transactions[name] ?? [name]).flatMap((part) => resources.map((on) => [part, on]))) {
      let covered = false;
      for (const [i, statement] of allowed.entries()) {
        const byAction = statement.actions.filter((pattern) => matches(pattern, action));
        const byResource = statement.resources.filter((pattern) => matches(pattern, resource));
        if (byAction.length === 0 || byResource.length === 0) continue;
        covered = true;
        [...byAction, ...byResource].forEach((pattern) => used.add(`${i} ${pattern}`));
      }
      if (!covered) missing.add(`${action} on ${resource}`);
    }
  }
  const unused = allowed.flatMap(({ actions, resources }, i) =>
    [...actions, ...resources].filter((pattern) => !used.has(`${i} ${pattern}`)),
  );
  return { missing: [...missing], unused };
}

/**
 * Whether policy documents together allow an action on a resource. The other members of a request are the keys that
 * conditions refer to, such as 'iam:PassedToService'.
 */
export function allows(documents, { action, resource, ...context }) {
  const applying = documents
    .flatMap(({ Statement }) => Statement)
    .filter(
      ({ Action, Resource, Condition = {} }) =>
        [Action].flat().some((pattern) => matches(pattern, action)) &&
        [Resource].flat().some((pattern) => matches(pattern, resource)) &&
        Object.entries(Condition).every(([operator, tests]) =>
          Object.entries(tests).every(([key, value]) => operators[operator](context[key], value)),
        ),
    );
  const effects = new Set(applying.map(({ Effect }) => Effect));
  return effects.has('Allow') && !effects.has('Deny');
}

// How IAM compares a key of a request, undefined if the request doesn't have it, with a condition's value.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
const operators = {
  ArnLike: (actual, value) => actual !== undefined && matches(value, actual),
  Bool: (actual, value) => actual === value,
  Null: (actual, value) => String(actual === undefined) === value,
  StringEquals: (actual, value) => actual === value,
  StringLike: (actual, value) => actual !== undefined && matches(value, actual),
  StringNotEquals: (actual, value) => actual !== value,
};

/** IAM's wildcards: a star for any characters, a question mark for one. */
function matches(pattern, value) {
  const shape = pattern
    .replace(/\$\{[^}]*\}/g, '*')
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${shape}$`, 'is').test(value);
}

/** The policy documents of the functions' roles in a CloudFormation template, by the functions' names. */
export function functionPolicies(template) {
  const policies = {};
  for (const { Type, Properties } of Object.values(template.Resources)) {
    if (Type !== 'AWS::Lambda::Function') continue;
    const [role] = Properties.Role['Fn::GetAtt'];
    const [{ PolicyDocument }] = template.Resources[role].Properties.Policies;
    policies[Properties.FunctionName] = withoutSub(PolicyDocument);
  }
  return policies;
}

/** The rights that a template's roles allow and the functions' permissions boundary doesn't, as "action on resource". */
export function beyondBoundary(template) {
  const boundary = readFileSync(join(root, 'aws', 'function-boundary.json'), 'utf8').replaceAll('${ACCOUNT}', '${AWS::AccountId}');
  const policies = JSON.parse(JSON.stringify(functionPolicies(template)).replaceAll('${AWS::Partition}', 'aws'));
  const rights = Object.values(policies)
    .flatMap(({ Statement }) => Statement)
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap(({ Action, Resource, Condition }) =>
      [Action].flat().flatMap((action) => [Resource].flat().map((resource) => ({ action, resource, ...Condition?.StringEquals }))),
    );
  const beyond = rights.filter((right) => !allows([JSON.parse(boundary)], right));
  return [...new Set(beyond.map(({ action, resource }) => `${action} on ${resource}`))];
}

/** A template's node with the text of each Fn::Sub in its place, variables included. */
function withoutSub(node) {
  return JSON.parse(JSON.stringify(node), (key, value) => value?.['Fn::Sub'] ?? value);
}
