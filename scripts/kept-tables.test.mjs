// Checks what a deployment does with a table that an earlier one left, by an AWS that knows only that table.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { copyOfConfiguration, sls } from './packaging.mjs';

const schema = [{ AttributeName: 'id', KeyType: 'HASH' }];

/** Deploys a provider with the table `acme-table`. `keySchema` is that of the table in AWS, and `inStack` is whether it belongs to the stack. */
async function deploy(t, { keySchema, inStack = false }) {
  const aws = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    if (request.headers['x-amz-target'] === 'DynamoDB_20120810.DescribeTable') {
      const found = keySchema && JSON.parse(body).TableName === 'acme-table';
      response.writeHead(found ? 200 : 400, { 'Content-Type': 'application/x-amz-json-1.0' });
      return response.end(JSON.stringify(found ? { Table: { TableName: 'acme-table', KeySchema: keySchema } } : { __type: 'ResourceNotFoundException' }));
    }
    const member = '<member><ResourceType>AWS::DynamoDB::Table</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus><PhysicalResourceId>acme-table</PhysicalResourceId></member>';
    if (/Action=ListStackResources/.test(body) && inStack) {
      return response.end(`<R><ListStackResourcesResult><StackResourceSummaries>${member}</StackResourceSummaries></ListStackResourcesResult></R>`);
    }
    const message = /Action=ListStackResources/.test(body) ? 'Stack with id x does not exist' : 'The test ends here';
    return response.writeHead(400).end(`<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>${message}</Message></Error></ErrorResponse>`);
  }).listen(0, '127.0.0.1');
  await once(aws, 'listening');
  t.after(() => aws.close());

  const cwd = copyOfConfiguration(t);
  mkdirSync(join(cwd, 'providers', 'acme'));
  writeFileSync(join(cwd, 'providers', 'acme', 'serverless.yml'), `
deploy:
  resources:
    AcmeTable:
      Type: AWS::DynamoDB::Table
      DeletionPolicy: Retain
      Properties: {TableName: acme-table, KeySchema: ${JSON.stringify(schema)}}
`);
  const { status, output } = await sls(['deploy'], {
    cwd,
    env: { RELAY_PROVIDER: 'acme', AWS_ENDPOINT_URL: `http://127.0.0.1:${aws.address().port}`, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' },
  });
  assert.equal(status, 1, output);
  let template;
  try {
    template = JSON.parse(readFileSync(join(cwd, '.serverless', 'cloudformation-template-update-stack.json'), 'utf8'));
  } catch {} // refused before packaging
  return { output, template };
}

test('the first deployment makes the table', async (t) => {
  const { template } = await deploy(t, {});
  assert.ok(template.Resources.AcmeTable);
});

test('a table in the stack stays there', async (t) => {
  const { template } = await deploy(t, { keySchema: schema, inStack: true });
  assert.ok(template.Resources.AcmeTable);
});

test('a table that an earlier deployment left is used as it is', async (t) => {
  const { output, template } = await deploy(t, { keySchema: schema });
  assert.match(output, /The table acme-table exists, with its entries\. It is used as it is/);
  assert.equal(template.Resources.AcmeTable, undefined);
});

test("somebody else's table is refused", async (t) => {
  const { output, template } = await deploy(t, { keySchema: [{ AttributeName: 'other', KeyType: 'HASH' }] });
  assert.match(output, /There is a table acme-table with another key/);
  assert.equal(template, undefined);
});
