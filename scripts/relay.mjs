// Builds the relay command as it is released.
import { go } from './go.mjs';

/** The processors that it is built for. */
export const architectures = ['amd64', 'arm64'];

/** Builds the command for a system and an architecture. As with the functions, the same source and the same Go give the same bytes. */
export function buildRelay(GOOS, GOARCH, path) {
  go(['build', '-trimpath', '-buildvcs=false', '-ldflags=-s -w -buildid=', '-o', path, './cmd/relay'], {
    GOOS, GOARCH, CGO_ENABLED: '0', GOAMD64: 'v1', GOARM64: 'v8.0', GOEXPERIMENT: '',
  });
}
