// Stands in for a third party on this machine. It answers what golden cases have recorded, and 404 to anything else:
//   node scripts/stand-in.mjs providers/acme/testdata/*/third-party.json
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { argv, env, exit } from 'node:process';
import { text } from 'node:stream/consumers';
import { isDeepStrictEqual } from 'node:util';

const exchanges = argv.slice(2).flatMap((file) => JSON.parse(readFileSync(file, 'utf8')));
if (exchanges.length === 0) {
  console.error('Name third-party.json files: node scripts/stand-in.mjs providers/NAME/testdata/*/third-party.json');
  exit(2);
}

/** Reports whether a body is the one that was recorded: a text, or JSON. */
function isSent(recorded, body) {
  try {
    return recorded === undefined || recorded === body || isDeepStrictEqual(recorded, JSON.parse(body));
  } catch {
    return false; // not JSON
  }
}

/** Finds the answer to a request. The setting NAME_URL may leave out the path that the third party's URL begins with. */
function answer(method, { pathname, search }, body) {
  return exchanges.find(({ request, sent }) => {
    const [recordedMethod, url] = request.split(' ');
    const recorded = new URL(url);
    return recordedMethod === method && recorded.pathname.endsWith(pathname) && recorded.search === search && isSent(sent, body);
  });
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://127.0.0.1');
  const { status = 200, header = {}, body = {} } = answer(request.method, url, await text(request)) ?? { status: 404 };
  console.log(request.method, url.pathname, status);
  response.writeHead(status, { 'Content-Type': 'application/json', ...header }).end(JSON.stringify(body));
});
server.listen(env.PORT ?? 9100, '127.0.0.1', () => console.log(`The stand-in is at http://127.0.0.1:${server.address().port}`));
