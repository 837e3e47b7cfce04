// Builds the relay command for each system and the container image into .build/release, with their checksums, and writes
// what is new in the version to .build/release-notes.md. Needs buildah.
//
//   node scripts/release.mjs v1.2.3      the tag, which must be the version in package.json
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';
import { root } from './go.mjs';
import { prepareImage, writeImage } from './image.mjs';
import { architectures, buildRelay } from './relay.mjs';

const systems = ['linux', 'darwin', 'windows'];

/** The section of a version in a changelog, without its heading. Throws when there is none. */
export function notes(changelog, version) {
  const [, ...sections] = changelog.split(/^## /m);
  const section = sections.find((text) => text.split(/\s/, 1)[0] === version);
  if (!section) throw new Error(`CHANGELOG.md has no section "## ${version}".`);
  return section.slice(section.indexOf('\n')).trim();
}

function release(tag) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  if (tag !== `v${version}`) throw new Error(`The tag is ${tag}, and the version in package.json ${version}.`);
  const whatIsNew = notes(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'), version);

  const folder = join(root, '.build', 'release');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const GOOS of systems) {
    for (const GOARCH of architectures) {
      const name = `relay_${version}_${GOOS}_${GOARCH}${GOOS === 'windows' ? '.exe' : ''}`;
      buildRelay(GOOS, GOARCH, join(folder, name));
      console.log(name);
    }
  }
  const image = `relay_${version}_image.tar`;
  prepareImage();
  writeImage(join(folder, image));
  console.log(image);
  const sums = readdirSync(folder)
    .sort()
    .map((name) => `${createHash('sha256').update(readFileSync(join(folder, name))).digest('hex')}  ${name}\n`);
  writeFileSync(join(folder, 'SHA256SUMS'), sums.join(''));
  writeFileSync(join(root, '.build', 'release-notes.md'), `${whatIsNew}\n`);
}

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) {
  try {
    release(argv[2]);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
