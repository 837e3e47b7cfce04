// Finds and starts the machine's own Chromium.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { env, getuid } from 'node:process';
import { chromium } from 'playwright-core';

/** The path of a Chromium: the one in CHROMIUM, or the first on the PATH. */
export function findBrowser() {
  if (env.CHROMIUM) return env.CHROMIUM;
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  return env.PATH.split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

export function startBrowser(executablePath) {
  return chromium.launch({ executablePath, chromiumSandbox: getuid?.() !== 0, args: ['--disable-gpu', '--disable-dev-shm-usage'] }); // root may not use the sandbox
}
