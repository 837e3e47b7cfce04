// Builds what the Dockerfile copies: the relay command for each architecture, in .build/image. With a file's name it also
// builds the image for all architectures with buildah, and writes it there as an OCI archive.
//
//   npm run image && docker build -t relay .
//   node scripts/image.mjs relay.oci.tar
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';
import { root } from './go.mjs';
import { architectures, buildRelay } from './relay.mjs';

/** Builds the command for the architectures, and the empty folder of the image's data. */
export function prepareImage(wanted = architectures) {
  const folder = join(root, '.build', 'image');
  mkdirSync(join(folder, 'data'), { recursive: true });
  for (const arch of wanted) buildRelay('linux', arch, join(folder, arch, 'relay'));
}

/**
 * Runs buildah and returns what it printed. Its storage is in .build: the user's own is left alone, and no kernel
 * feature is needed.
 */
export function buildah(...args) {
  const storage = ['--storage-driver', 'vfs', '--root', join(root, '.build', 'buildah'), '--runroot', join(root, '.build', 'buildah.run')];
  const { error, status, stdout, stderr } = spawnSync('buildah', [...storage, ...args], { cwd: root, encoding: 'utf8' });
  if (error?.code === 'ENOENT') throw new Error('There is no buildah command on the PATH: install buildah, or use docker build.');
  if (error) throw error;
  if (status !== 0) throw new Error(`buildah ${args[0]} ended with status ${status}: ${stderr}`);
  return stdout.trim();
}

/** Builds the image for the architectures and writes it to a file. The same source and tools give the same layers. */
export function writeImage(file, wanted = architectures) {
  const platforms = wanted.map((arch) => `linux/${arch}`).join();
  const list = 'serverless-relay';
  buildah('rmi', '--all', '--force'); // the list of an earlier build would grow
  buildah('bud', '--isolation', 'chroot', '--timestamp', '0', '--platform', platforms, '--manifest', list, '.');
  rmSync(file, { force: true });
  buildah('manifest', 'push', '--all', list, `oci-archive:${file}`);
}

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) {
  try {
    prepareImage();
    if (argv[2]) writeImage(argv[2]);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
