// Writes deployment packages that are the same bytes for the same files.
import { zipSync } from 'fflate';

// A zip holds local times without a zone, from 1980 on. This one is made of local parts, so it is the same in every zone.
const mtime = new Date(1980, 0, 1);

const unix = 3;

/**
 * Makes a zip of the files, a list of { name, bytes, mode }, and returns its bytes. Entries are sorted by name.
 * The compressor is JavaScript of a locked version: zlib's output differs from one Node release to the next.
 */
export function pack(files) {
  const sorted = files.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const entries = sorted.map(({ name, bytes, mode }) => [
    name,
    [bytes, { os: unix, attrs: ((0o100000 | mode) << 16) >>> 0, mtime, level: 6 }],
  ]);
  return zipSync(Object.fromEntries(entries));
}
