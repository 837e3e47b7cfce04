// Builds the image with buildah, unpacks it, and runs it as a container would: with its own root, which is read-only,
// as its user.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { arch, env, getuid, platform } from 'node:process';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { prepareImage, writeImage } from './image.mjs';

const missing = [
  [platform === 'linux', 'Linux'],
  [getuid?.() === 0, 'root, for its own root folder'],
  [spawnSync('buildah', ['--version']).status === 0, 'buildah'],
  [spawnSync('unshare', ['--mount', 'true']).status === 0, 'unshare with mount namespaces'],
].find(([ok]) => !ok);
const skip = missing && `the container image is not tested: that needs ${missing[1]}`;

const native = { x64: 'amd64', arm64: 'arm64' }[arch];
const secretKey = 'AN7TEST6KEY5OF4THE3IMAGE2THAT1IS0NOT9USED8ELSEWHERE';
const mount = 'mount --bind "$0" "$0" && mount --bind "$1" "$0/data" && mount -o remount,ro,bind "$0" && root=$0 user=$2 && shift 2 && exec chroot --userspec="$user" "$root" "$@"';

const folder = skip ? undefined : mkdtempSync(join(tmpdir(), 'relay-image-'));
after(() => folder && rmSync(folder, { recursive: true, force: true }));

/** Unpacks an OCI archive with one image, and returns the image's configuration and the folder with its files. */
function unpack(archive) {
  const [layout, files] = ['layout', 'files'].map((name) => join(folder, name));
  for (const made of [layout, files]) mkdirSync(made);
  tar(archive, layout);
  const blob = ({ digest }) => join(layout, 'blobs', ...digest.split(':'));
  const read = (descriptor) => JSON.parse(readFileSync(blob(descriptor), 'utf8'));
  const { manifests: [list] } = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8'));
  const { manifests } = read(list);
  assert.deepEqual(manifests.map(({ platform: { os, architecture } }) => `${os}/${architecture}`), [`linux/${native}`]);
  const { config, layers } = read(manifests[0]);
  for (const layer of layers) tar(blob(layer), files);
  return { config: read(config).config, files };
}

function tar(file, into) {
  const { status, stderr } = spawnSync('tar', ['-xpf', file, '--numeric-owner', '-C', into], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}

test('the image runs read-only, as its user, and answers as a relay must', { skip, timeout: 120_000 }, async () => {
  prepareImage([native]);
  const archive = join(folder, 'relay.oci.tar');
  writeImage(archive, [native]);
  const { config, files } = unpack(archive);

  assert.deepEqual(readdirSync(files).sort(), ['data', 'relay']);
  const { uid: owner, mode } = statSync(join(files, 'relay'));
  assert.deepEqual([owner, mode & 0o777], [0, 0o755]);
  assert.equal(statSync(join(files, 'data')).uid, 65532);
  assert.equal(config.User, '65532:65532');
  assert.deepEqual(Object.keys(config.ExposedPorts), ['9000/tcp']);
  assert.deepEqual(Object.keys(config.Volumes), ['/data']);

  const data = join(folder, 'data');
  mkdirSync(data);
  chownSync(data, 65532, 65532);
  const start = ['--mount', 'sh', '-c', mount, files, data, config.User, ...config.Entrypoint, ...config.Cmd];
  const variables = Object.fromEntries(config.Env.map((line) => line.split(/=(.*)/s)));
  const relay = spawn('unshare', start, { env: { PATH: env.PATH, ...variables, SECRET_KEY: secretKey, PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(relay, 'exit');
  try {
    const lines = [];
    const url = await new Promise((resolve, reject) => {
      ended.then(([code]) => reject(new Error(`The relay ended with ${code}: ${lines.join('\n')}`)));
      createInterface(relay.stdout).on('line', (line) => {
        lines.push(line);
        const { message, address } = JSON.parse(line);
        if (message === 'listening') resolve(`http://127.0.0.1:${address.split(':').pop()}`);
      });
    });
    assert.match(readFileSync(`/proc/${relay.pid}/status`, 'utf8'), /^Uid:\t65532\t65532\t65532\t65532$/m);
    assert.match(readFileSync(`/proc/${relay.pid}/mountinfo`, 'utf8'), / \/ ro[ ,]/);
    assert.equal((await fetch(`${url}/healthz`)).status, 200);

    // Not spawnSync: the relay waits if nobody reads its log.
    const check = spawn(join(files, 'relay'), ['check', url, '--repeat', '2'], { env: { SECRET_KEY: secretKey, HOME: folder }, stdio: 'inherit' });
    assert.deepEqual(await once(check, 'exit'), [0, null]);
    assert.equal(statSync(join(data, 'watchlist.db')).uid, 65532);

    relay.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
    for (const line of lines) assert.equal(JSON.parse(line).level === 'error', false, line);
    assert.ok(!lines.join().includes(secretKey));
  } finally {
    relay.kill('SIGKILL');
  }
});
