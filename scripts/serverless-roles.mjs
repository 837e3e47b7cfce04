// A plugin of osls: gives each function its own role with the rights that the function uses, and no others. No role
// can have more rights than the permissions boundary, a policy that an administrator makes: aws/function-boundary.json.
//
// The roles go into the resources of serverless.yml, not into the compiled template: `sls deploy function` looks for a
// function's role there.
import { secretKeys } from './serverless-provider.mjs';

const partition = 'arn:${AWS::Partition}';
const here = '${AWS::Region}:${AWS::AccountId}';

export default class ServerlessRoles {
  constructor(serverless) {
    this.serverless = serverless;
    this.hooks = { initialize: () => this.#addRoles() };
  }

  #addRoles() {
    const { service } = this.serverless;
    const { naming } = this.serverless.getProvider('aws');
    for (const name of service.getAllFunctions()) {
      const settings = service.getFunction(name);
      settings.role = `${naming.getNormalizedFunctionName(name)}Role`;
      service.resources.Resources[settings.role] = this.#role(name, settings.name, service.custom.rights[name] ?? []);
    }
  }

  #role(name, deployedName, rights) {
    const { service, provider } = this.serverless.service;
    const statements = [
      // CloudFormation makes the log group.
      allow(['logs:CreateLogStream', 'logs:PutLogEvents'], `${partition}:logs:${here}:log-group:/aws/lambda/${deployedName}:*`),
      ...rights,
    ];
    // `version` needs no key.
    if (name !== 'version') statements.push(...keyRights(provider.environment));
    if (provider.tracing?.lambda) {
      // X-Ray has no resources to restrict this to.
      statements.push({ Effect: 'Allow', Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], Resource: '*' });
    }
    if (provider.vpc.subnetIds.length > 0) statements.push(...networkRights(deployedName));
    return {
      Type: 'AWS::IAM::Role',
      Properties: {
        // A role belongs to all regions, so its name contains the region. `sls deploy function` needs to know the name.
        RoleName: `${service}-${provider.stage}-${provider.region}-${name}`,
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
        PermissionsBoundary: { 'Fn::Sub': `${partition}:iam::\${AWS::AccountId}:policy/${service}-boundary` },
        Policies: [{ PolicyName: name, PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
      },
    };
  }
}

/** The rights to read the keys that are in parameters of Systems Manager. Their encryption may be with a key of one's own. */
function keyRights(environment) {
  const parameters = secretKeys.map((name) => environment[`${name}_PARAMETER`]).filter(Boolean);
  return [...new Set(parameters.map((name) => name.split(':')[0]))].flatMap((name) => {
    const arn = { 'Fn::Sub': `${partition}:ssm:${here}:parameter${name}` };
    return [
      { Effect: 'Allow', Action: ['ssm:GetParameter'], Resource: arn },
      { Effect: 'Allow', Action: ['kms:Decrypt'], Resource: '*', Condition: { StringEquals: { 'kms:EncryptionContext:PARAMETER_ARN': arn } } },
    ];
  });
}

/** Lambda's own rights to connect a function to a network, which the function's code doesn't get. */
function networkRights(deployedName) {
  const actions = ['AssignPrivateIpAddresses', 'CreateNetworkInterface', 'DeleteNetworkInterface', 'DescribeNetworkInterfaces', 'DescribeSubnets', 'UnassignPrivateIpAddresses'];
  const statement = { Action: actions.map((action) => `ec2:${action}`), Resource: '*' };
  const code = { 'Fn::Sub': `${partition}:lambda:${here}:function:${deployedName}` };
  return [
    { Effect: 'Allow', ...statement },
    { Effect: 'Deny', ...statement, Condition: { ArnEquals: { 'lambda:SourceFunctionArn': code } } },
  ];
}

function allow(actions, resource) {
  return { Effect: 'Allow', Action: actions, Resource: { 'Fn::Sub': resource } };
}
