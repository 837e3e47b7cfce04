import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkVersions, satisfies } from './versions.mjs';

const node = '^20.19.0 || ^22.13.0 || >=24';
const cases = [
  ['20.19.0', node, true], ['20.20.2', node, true], ['20.18.9', node, false], ['21.7.0', node, false], ['22.12.9', node, false],
  ['22.13.0', node, true], ['23.11.0', node, false], ['24.0.0', node, true], ['26.1.0', node, true],
  ['1.26.0', '>=1.26.0', true], ['1.26', '>=1.26.0', true], ['1.26.8', '>=1.26.0', true], ['1.27rc1', '>=1.26.0', true], ['1.25.12', '>=1.26.0', false], ['2.0', '>=1.26.0', true],
];
for (const [version, range, wanted] of cases) {
  test(`${version} is ${wanted ? '' : 'not '}in ${range}`, () => assert.equal(satisfies(version, range), wanted));
}

test('this machine has the versions that the project needs', () => checkVersions());
