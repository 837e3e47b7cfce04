import { render } from 'preact';
import { investigation } from './model/investigation';
import { loadModules } from './model/modules';
import { keep, restore } from './model/snapshot';
import { token } from './model/token';
import { show, theme } from './parts/theme';
import { Page } from './views/page';

show(theme.value.name);
restore();
investigation.follow(() => {
  if (investigation.value.waiting === 0) keep();
});
token.follow(() => void loadModules());
void loadModules();
render(<Page />, document.getElementById('page')!);
