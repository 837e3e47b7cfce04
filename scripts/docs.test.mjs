// Checks that the guides agree with the files that they describe.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { root } from './go.mjs';
import { notes } from './release.mjs';

const read = (name) => readFileSync(join(root, name), 'utf8');
const providers = readdirSync(join(root, 'providers'), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => join('providers', name));
const guides = ['.', 'aws', 'docs', ...providers].flatMap((folder) =>
  readdirSync(join(root, folder)).filter((name) => name.endsWith('.md')).map((name) => join(folder, name)),
);

/** The anchors of a guide's headings, as GitHub makes them. */
function anchors(text) {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) => title.toLowerCase().replaceAll(/[^\w\- ]/g, '').replaceAll(' ', '-'));
}

for (const guide of guides) {
  test(`${guide} links to what is there`, () => {
    const text = read(guide).replaceAll(/^```.*?^```/gms, '');
    for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [path, anchor] = target.split('#');
      const file = path ? join(dirname(guide), path) : guide;
      assert.ok(existsSync(join(root, file)), target);
      if (anchor) assert.ok(anchors(read(file)).includes(anchor), target);
    }
  });
}

test('each parameter of a stage is in the guide', () => {
  const [, section] = /^ {2}default:\n(.*?)^ {2}\w/ms.exec(read('serverless.yml'));
  const parameters = [...section.matchAll(/^ {4}(?:# )?(\w+): /gm)].map(([, name]) => name);
  assert.ok(parameters.length > 10, parameters.join());
  const rows = read('aws/EnvironmentVariables.md').split('\n').filter((line) => line.startsWith('| `'));
  for (const name of parameters) assert.ok(rows.some((row) => row.split('|')[1].includes(`\`${name}\``)), name);
});

test('each statement of the deployment policy is explained', () => {
  const guide = read('aws/HOWTO.md');
  for (const { Sid } of JSON.parse(read('aws/deployment-policy.json')).Statement) assert.ok(guide.includes(`\`${Sid}\``), Sid);
});

test('the changelog tells of this version, and the release takes that', () => {
  const { version } = JSON.parse(read('package.json'));
  assert.ok(notes(read('CHANGELOG.md'), version).length > 0);
  const changelog = '# Changelog\n\n## 2.0.0 (later)\n\nNew.\n\n## 1.0.0\n\nOld.\n';
  assert.equal(notes(changelog, '2.0.0'), 'New.');
  assert.equal(notes(changelog, '1.0.0'), 'Old.');
  assert.throws(() => notes(changelog, '1.0'), /no section "## 1\.0"/);
});
