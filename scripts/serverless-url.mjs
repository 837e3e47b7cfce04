// A plugin of osls: `sls deploy` and `sls info` show the relay's URL, which a module in XDR needs, and each route once.

export default class ServerlessUrl {
  constructor(serverless) {
    this.hooks = { 'after:aws:info:displayEndpoints': () => show(serverless.serviceOutputs) };
  }
}

/** Changes what osls is about to show. An endpoint is a text such as "POST - https://host/health". */
export function show(outputs) {
  const endpoints = outputs.get('endpoints') ?? [];
  const [url] = /https:\/\/[^/]+/.exec(endpoints[0]) ?? [];
  if (!url) return; // nothing is deployed
  outputs.delete('endpoints'); // a map keeps the order in which it got its keys
  outputs.set('url', url);
  outputs.set('endpoints', endpoints.filter((endpoint) => !endpoint.endsWith('/{slash+}')));
}
