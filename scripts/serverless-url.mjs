// A plugin of osls: `sls deploy` and `sls info` show the URL of each provider, which its module in XDR needs, and each
// route once.
import { selectedProviders } from './serverless-provider.mjs';

export default class ServerlessUrl {
  constructor(serverless) {
    const selected = () => selectedProviders(serverless.service.provider.environment.RELAY_PROVIDER);
    this.hooks = { 'after:aws:info:displayEndpoints': () => show(serverless.serviceOutputs, selected()) };
  }
}

/**
 * Changes what osls is about to show. An endpoint is a text such as "POST - https://host/health". The first provider
 * answers at the URL itself, the others below it.
 */
export function show(outputs, [, ...others]) {
  const endpoints = outputs.get('endpoints') ?? [];
  const [url] = /https:\/\/[^/]+/.exec(endpoints[0]) ?? [];
  if (!url) return; // nothing is deployed
  outputs.delete('endpoints'); // a map keeps the order in which it got its keys
  outputs.set('url', url);
  for (const name of others) outputs.set(`url of ${name}`, `${url}/${name}`);
  outputs.set('endpoints', endpoints.filter((endpoint) => !endpoint.includes('{')));
}
