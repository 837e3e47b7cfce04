// A plugin of osls: gives each function a role of its own that allows what the function does, and nothing else.
//
// The roles are added to the resources of serverless.yml, not to what is compiled of them: `sls deploy function` looks
// for a function's role there.

const partition = 'arn:${AWS::Partition}';
const here = '${AWS::Region}:${AWS::AccountId}';

/** The actions of DynamoDB that a function can be given on the watchlist's table. */
const tableActions = ['BatchGetItem', 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query'];

export default class ServerlessRoles {
  constructor(serverless) {
    this.serverless = serverless;
    serverless.configSchemaHandler.defineFunctionProperties('aws', {
      properties: { table: { type: 'array', items: { enum: tableActions } } },
    });
    this.hooks = { initialize: () => this.#addRoles() };
  }

  #addRoles() {
    const { service } = this.serverless;
    const { naming } = this.serverless.getProvider('aws');
    service.resources.Resources ??= {};
    for (const name of service.getAllFunctions()) {
      const settings = service.getFunction(name);
      settings.role = `${naming.getNormalizedFunctionName(name)}Role`;
      service.resources.Resources[settings.role] = this.#role(name, settings);
    }
  }

  #role(name, { name: deployedName, table, environment }) {
    const { service, provider } = this.serverless.service;
    const statements = [
      // The log group is made with the function.
      allow(['logs:CreateLogStream', 'logs:PutLogEvents'], `${partition}:logs:${here}:log-group:/aws/lambda/${deployedName}:*`),
    ];
    if (table) {
      const statement = allow(
        table.map((action) => `dynamodb:${action}`),
        `${partition}:dynamodb:${here}:table/${environment.WATCHLIST_TABLE}`,
      );
      statements.push({ 'Fn::If': ['HasTable', statement, { Ref: 'AWS::NoValue' }] });
    }
    if (provider.tracing?.lambda) {
      // X-Ray has no resources that a role could be restricted to.
      statements.push({ Effect: 'Allow', Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], Resource: '*' });
    }
    return {
      Type: 'AWS::IAM::Role',
      Properties: {
        // Roles are the same in all regions, so the region is in the name. `sls deploy function` needs to know it.
        RoleName: `${service}-${provider.stage}-${provider.region}-${name}`,
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
        Policies: [{ PolicyName: name, PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
      },
    };
  }
}

function allow(actions, resource) {
  return { Effect: 'Allow', Action: actions, Resource: { 'Fn::Sub': resource } };
}
