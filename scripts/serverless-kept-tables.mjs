// A plugin of osls: says which tables a stage leaves behind, and deploys over them.
//
// A table with `DeletionPolicy: Retain` outlives its stack. CloudFormation can't make a table of a name that exists, so a
// later deployment leaves such a table out of the stack and uses it as it is.
import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';

// The client that osls uses, not another version of it.
const { CloudFormationClient, paginateListStackResources } = createRequire(import.meta.resolve('osls/package.json'))(
  '@aws-sdk/client-cloudformation',
);

export default class ServerlessKeptTables {
  #inStack = [];

  constructor(serverless, options, { log }) {
    this.serverless = serverless;
    this.log = log;
    this.hooks = {
      'before:package:initialize': () => this.#beforeDeploy(),
      'after:deploy:deploy': () => this.#afterDeploy(),
      'before:remove:remove': async () => (this.#inStack = await this.#tablesInStack()),
      'after:remove:remove': () => this.#afterRemove(),
    };
  }

  /** The resources of the service that are tables to keep, by their logical names. */
  get #kept() {
    const { Resources } = this.serverless.service.resources;
    return Object.entries(Resources).filter(([, { Type, DeletionPolicy }]) => Type === 'AWS::DynamoDB::Table' && DeletionPolicy === 'Retain');
  }

  async #beforeDeploy() {
    if (this.serverless.processedInput.commands.join(' ') !== 'deploy') return;
    this.#inStack = await this.#tablesInStack();
    for (const [id, { Properties }] of this.#kept) {
      const name = Properties.TableName;
      const table = this.#inStack.includes(name) ? undefined : await this.#table(name);
      if (!table) continue;
      if (!isDeepStrictEqual(sorted(table.KeySchema), sorted(Properties.KeySchema))) {
        throw new this.serverless.classes.Error(`There is a table ${name} with another key, made by something else. Choose another name for the stage's table.`);
      }
      delete this.serverless.service.resources.Resources[id];
      this.log.notice(`The table ${name} exists, with its entries. It is used as it is, outside the stack: parameters of the table don't change it.`);
    }
  }

  async #afterDeploy() {
    const wanted = this.#kept.map(([, { Properties }]) => Properties.TableName);
    for (const name of this.#inStack.filter((other) => !wanted.includes(other))) await this.#tell(name);
  }

  async #afterRemove() {
    const configured = this.#kept.map(([, { Properties }]) => Properties.TableName);
    for (const name of new Set([...this.#inStack, ...configured])) await this.#tell(name);
  }

  /** Says that a table is kept, if it is. */
  async #tell(name) {
    const table = await this.#table(name);
    if (!table) return;
    const unprotect = table.DeletionProtectionEnabled ? `  aws dynamodb update-table --table-name ${name} --no-deletion-protection-enabled\n` : '';
    this.log.notice(`\nThe table ${name} is kept, with its entries. A later deployment of the provider uses it again.\nTo delete it for good:\n\n${unprotect}  aws dynamodb delete-table --table-name ${name}`);
  }

  /** The names of the tables in the deployed stack. */
  async #tablesInStack() {
    const provider = this.serverless.getProvider('aws');
    const client = new CloudFormationClient(await provider.getAwsSdkV3Config());
    const names = [];
    try {
      for await (const { StackResourceSummaries } of paginateListStackResources({ client }, { StackName: provider.naming.getStackName() })) {
        for (const { ResourceType, ResourceStatus, PhysicalResourceId } of StackResourceSummaries) {
          if (ResourceType === 'AWS::DynamoDB::Table' && !ResourceStatus.startsWith('DELETE_')) names.push(PhysicalResourceId);
        }
      }
    } catch (error) {
      if (!/does not exist/.test(error.message)) throw error;
    }
    return names;
  }

  /** DynamoDB's description of a table, or undefined if there is none. */
  async #table(name) {
    const client = new DynamoDBClient(await this.serverless.getProvider('aws').getAwsSdkV3Config());
    try {
      return (await client.send(new DescribeTableCommand({ TableName: name }))).Table;
    } catch (error) {
      if (error.name === 'ResourceNotFoundException') return undefined;
      throw error;
    }
  }
}

const sorted = (schema) => schema.toSorted((a, b) => (a.AttributeName < b.AttributeName ? -1 : 1));
