// Rehearses the whole life of a stage at an AWS endpoint: deploys it, sends requests to it, operates it, changes it,
// rotates its key under load and removes it. If the endpoint keeps a list of the AWS actions (/_loopback/actions), the
// deployment policy and the functions' roles are compared with that list.
//
//   AWS_ENDPOINT_URL=http://127.0.0.1:4599 npm run rehearse
//   npm run rehearse -- --stage dev --param watchlistStore=file
//   npm run rehearse -- --really      in the account of your credentials; it costs a few cents
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { argv, env, exit } from 'node:process';
import { parseArgs } from 'node:util';
import { Rehearsal } from './rehearse/rehearsal.mjs';
import { forgetActions } from './rehearse/rights.mjs';
import { providerNames, settings } from './serverless-provider.mjs';

const { values: options } = parseArgs({
  args: argv.slice(2),
  options: {
    stage: { type: 'string', default: 'dev' },
    param: { type: 'string', multiple: true, default: [] },
    really: { type: 'boolean', default: false },
  },
});
const endpoint = env.AWS_ENDPOINT_URL || undefined;
if (!endpoint && !options.really) {
  console.error('AWS_ENDPOINT_URL is not set, so this would deploy to AWS, and remove what it deployed. Set it, or say --really.');
  exit(2);
}

// The rehearsal has its own settings, and sls would read these files.
for (const file of [`.env.${options.stage}`, '.env']) {
  if (existsSync(join(import.meta.dirname, '..', file))) {
    console.error(`${file} would change what is rehearsed: put it aside for that time, or rehearse a clone of the project.`);
    exit(2);
  }
}

const local = endpoint !== undefined && /^(127\.|localhost$|\[::1\]$)/.test(new URL(endpoint).hostname);
if (local) {
  // An emulator accepts any credentials, answers immediately and is not behind a proxy.
  env.AWS_ACCESS_KEY_ID ??= 'rehearsal';
  env.AWS_SECRET_ACCESS_KEY ??= 'rehearsal';
  env.SLS_AWS_MONITORING_FREQUENCY ??= '200';
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy']) delete env[name];
  await forgetActions(endpoint);
}
// The shell's settings don't count either.
delete env.SECRET_KEY;
env.SECRET_KEY_PREVIOUS = '';
for (const name of Object.keys(settings(env, providerNames()))) delete env[name];
env.NODE_NO_WARNINGS = '1';

const rehearsal = new Rehearsal({ stage: options.stage, params: options.param, endpoint, local });
const began = performance.now();
const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1).padStart(6)} s`;
let failed = false;
for (const [title, step] of rehearsal.steps) {
  const started = performance.now();
  try {
    const note = await step();
    console.log(`ok   ${seconds(started)}  ${title}${note ? `: ${note}` : ''}`);
  } catch (error) {
    console.log(`FAIL ${seconds(started)}  ${title}\n${error.message}`);
    failed = true;
    break;
  }
}
try {
  await rehearsal.cleanUp();
} catch (error) {
  console.log(`Stage ${options.stage} could not be removed:\n${error.message}`);
}
console.log(`${failed ? 'FAIL' : 'ok  '} ${seconds(began)}  in all`);
exit(failed ? 1 : 0);
