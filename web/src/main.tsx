import { render } from 'preact';
import { investigation } from './model/investigation';
import { loadModules } from './model/modules';
import { keep, restore } from './model/snapshot';
import { token } from './model/token';
import { show, theme } from './parts/theme';
import { Page } from './views/page';

show(theme.value.name);
restore();
// Not at every key that is typed: a large investigation takes a while.
let timer: ReturnType<typeof setTimeout> | undefined;
investigation.follow(() => {
  clearTimeout(timer);
  timer = setTimeout(keep, 500);
});
addEventListener('pagehide', keep);
token.follow(() => void loadModules());
void loadModules();
render(<Page />, document.getElementById('page')!);
