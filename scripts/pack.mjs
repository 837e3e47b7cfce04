// Writes deployment packages.
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

// A zip contains local times without a zone, from 1980 on. This one is made of local parts, so it is the same in every zone.
const mtime = new Date(1980, 0, 1);

/**
 * Makes a zip of the files, a list of { name, bytes, mode }, and resolves to its bytes. The same files give the same bytes,
 * except that zlib may compress differently in another release of Node or on another kind of processor.
 */
export function pack(files) {
  const zip = new ZipFile();
  for (const { name, bytes, mode } of files.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    zip.addBuffer(bytes, name, { mtime, mode: 0o100000 | mode, forceDosTimestamp: true, compressionLevel: 9 });
  }
  zip.end();
  return buffer(zip.outputStream);
}
