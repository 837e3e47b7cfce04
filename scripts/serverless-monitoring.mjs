// A plugin of osls: adds CloudWatch alarms and a dashboard to a stage that asks for them in `custom.monitoring`.
//
// Metrics of Lambda and API Gateway are AWS's own. Those by route the functions write to their logs, in CloudWatch's
// embedded metric format, where `metrics` names a namespace for them.

const minutes = 60;

export default class ServerlessMonitoring {
  constructor(serverless) {
    this.serverless = serverless;
    this.hooks = { initialize: () => this.#add() };
  }

  #add() {
    const { service } = this.serverless;
    const { naming } = this.serverless.getProvider('aws');
    const { alarms, topic, latency, metrics, dashboard } = service.custom.monitoring;
    const functions = service.getAllFunctions().map((name) => ({
      id: naming.getNormalizedFunctionName(name),
      name: service.getFunction(name).name,
    }));
    const resources = service.resources.Resources;
    const stack = `${service.service}-${service.provider.stage}`;
    if (alarms) Object.assign(resources, relayAlarms(stack, functions, Number(latency), topic));
    if (dashboard) resources.Dashboard = relayDashboard(stack, functions, metrics);
  }
}

/** Four kinds of alarms: a function's errors, throttling and latency, and what the API answers with 5xx. */
function relayAlarms(stack, functions, latency, topic) {
  const alarms = {};
  for (const { id, name } of functions) {
    const ofLambda = { Namespace: 'AWS/Lambda', Dimensions: [{ Name: 'FunctionName', Value: name }] };
    alarms[`${id}ErrorsAlarm`] = alarm(`${name}-errors`, 'It crashed, timed out or did not start.', topic, {
      ...ofLambda, MetricName: 'Errors', Statistic: 'Sum', Threshold: 0, EvaluationPeriods: 1,
    });
    alarms[`${id}ThrottlesAlarm`] = alarm(`${name}-throttles`, 'More requests than it may run copies for.', topic, {
      ...ofLambda, MetricName: 'Throttles', Statistic: 'Sum', Threshold: 0, EvaluationPeriods: 1,
    });
    alarms[`${id}LatencyAlarm`] = alarm(`${name}-latency`, `For 15 minutes, 1 % of its requests took longer than ${latency} ms.`, topic, {
      ...ofLambda, MetricName: 'Duration', ExtendedStatistic: 'p99', Threshold: latency, EvaluationPeriods: 3,
    });
  }
  alarms.Api5xxAlarm = alarm(`${stack}-api-5xx`, 'Requests got no answer from the relay.', topic, {
    Namespace: 'AWS/ApiGateway', Dimensions: [{ Name: 'ApiId', Value: { Ref: 'HttpApi' } }],
    MetricName: '5xx', Statistic: 'Sum', Threshold: 0, EvaluationPeriods: 1,
  });
  return alarms;
}

function alarm(name, description, topic, what) {
  return {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: name,
      AlarmDescription: `${description} aws/Runbook.md explains what to do.`,
      ...what,
      Period: 5 * minutes,
      ComparisonOperator: 'GreaterThanThreshold',
      // No requests, no trouble.
      TreatMissingData: 'notBreaching',
      ...(topic ? { AlarmActions: [topic], OKActions: [topic] } : {}),
    },
  };
}

/** One page: what was asked, what went wrong, how long it took, and the last warnings in the logs. */
function relayDashboard(stack, functions, namespace) {
  const lambda = (metric, stat) =>
    functions.map(({ name }) => ['AWS/Lambda', metric, 'FunctionName', name, { stat, label: name.slice(stack.length + 1) }]);
  const api = (metric, stat) => ['AWS/ApiGateway', metric, 'ApiId', '${HttpApi}', { stat, label: `${metric} ${stat}` }];
  const by = (dimension, metric, stat) => [[{ expression: `SEARCH('{${namespace},${dimension}} MetricName="${metric}"', '${stat}')` }]];
  const byRoute = (metric, stat) => by('Route', metric, stat);
  // The share of one metric in another, both of them hidden
  const percent = (part, all) => [
    [{ expression: '100 * part / FILL(all, 1)', label: '%' }],
    [...part, { id: 'part', stat: 'Sum', visible: false }],
    [...all, { id: 'all', stat: 'Sum', visible: false }],
  ];
  const ofApi = (metric) => ['AWS/ApiGateway', metric, 'ApiId', '${HttpApi}'];
  const routes = [
    graph('Error rate: requests that failed, %', percent([namespace, 'Failures'], [namespace, 'Requests'])),
    graph('Requests by route', byRoute('Requests', 'Sum')),
    graph('Requests that failed, by route', byRoute('Failures', 'Sum')),
    graph('Errors in answers by route', byRoute('Errors', 'Sum')),
    graph('Observables asked about by route', byRoute('Observables', 'Sum')),
    graph('Time to answer by route, p99, ms', byRoute('DurationMs', 'p99')),
    graph('Calls of third parties by route', byRoute('UpstreamCalls', 'Sum')),
    graph('Calls of third parties by provider', by('Provider', 'UpstreamCalls', 'Sum')),
    graph('Time of a call of a third party, p99, ms', by('Provider', 'CallMs', 'p99')),
  ];
  const widgets = [
    ...(namespace ? routes : []),
    graph('Error rate of the API: status 5xx, %', percent(ofApi('5xx'), ofApi('Count'))),
    graph('API', [api('Count', 'Sum'), api('4xx', 'Sum'), api('5xx', 'Sum')]),
    graph('API latency, ms', [api('Latency', 'p50'), api('Latency', 'p99')]),
    graph('Crashes and time-outs', lambda('Errors', 'Sum')),
    graph('Throttled', lambda('Throttles', 'Sum')),
    graph('Function duration, p99, ms', lambda('Duration', 'p99')),
    graph('Concurrent copies', lambda('ConcurrentExecutions', 'Maximum')),
    // The first third party of each request. Only those of abuse.ch are several.
    inLogs('Third parties', functions, [
      String.raw`parse @message /"calls":\{"(?<third_party>[^"]+)":\{"count":(?<calls>\d+),"ms":(?<ms>[\d.]+)/`,
      'filter ispresent(third_party)',
      'stats count(*) as requests, sum(calls) as calls, sum(ms) / sum(calls) as mean_ms, pct(ms / calls, 99) as p99_ms by provider, third_party',
      'sort requests desc',
    ]),
    inLogs('Last warnings and errors', functions, [
      'fields @timestamp, @log, coalesce(error, @message)',
      "filter level in ['warn', 'error'] or record.status in ['error', 'failure', 'timeout']",
      'sort @timestamp desc',
      'limit 50',
    ]),
  ];
  return {
    Type: 'AWS::CloudWatch::Dashboard',
    Properties: {
      // Dashboards are the same in all regions.
      DashboardName: { 'Fn::Sub': `${stack}-\${AWS::Region}` },
      DashboardBody: { 'Fn::Sub': JSON.stringify({ widgets }) },
    },
  };
}

/** A table that a query makes of the functions' logs. */
function inLogs(title, functions, query) {
  const sources = functions.map(({ name }) => `SOURCE '/aws/lambda/${name}'`);
  return { type: 'log', width: 24, height: 9, properties: { title, region: '${AWS::Region}', view: 'table', query: [...sources, ...query].join(' | ') } };
}

function graph(title, metrics) {
  return {
    type: 'metric',
    width: 8,
    height: 6,
    properties: { title, metrics, period: 5 * minutes, region: '${AWS::Region}', view: 'timeSeries' },
  };
}
