// A plugin of osls: the command `sls access-log` shows what the API was asked, also what no function saw.
import { createRequire } from 'node:module';

// osls has its own client for each AWS service. Of another version there might be two.
const { CloudWatchLogsClient, paginateFilterLogEvents } = createRequire(import.meta.resolve('osls/package.json'))(
  '@aws-sdk/client-cloudwatch-logs',
);

export default class ServerlessAccessLog {
  constructor(serverless, options, { writeText }) {
    this.serverless = serverless;
    this.options = options;
    this.writeText = writeText;
    this.commands = {
      'access-log': {
        usage: "Shows the API's access log",
        lifecycleEvents: ['show'],
        options: {
          minutes: { usage: 'How far to go back (default: 10)', type: 'string' },
          filter: { usage: 'A filter pattern of CloudWatch Logs, such as { $.status = "5*" }', type: 'string' },
        },
      },
    };
    this.hooks = { 'access-log:show': () => this.#show() };
  }

  async #show() {
    const { minutes = '10', filter } = this.options;
    if (!(Number(minutes) > 0)) throw new this.serverless.classes.Error(`--minutes is "${minutes}": it must be a number.`);
    const provider = this.serverless.getProvider('aws');
    const client = new CloudWatchLogsClient(await provider.getAwsSdkV3Config());
    const pages = paginateFilterLogEvents(
      { client },
      {
        logGroupName: provider.naming.getHttpApiLogGroupName(),
        startTime: Date.now() - minutes * 60_000,
        filterPattern: filter,
      },
    );
    for await (const { events } of pages) {
      for (const { message } of events) this.writeText(message.trimEnd());
    }
  }
}
