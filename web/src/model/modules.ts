// The providers of the relay, and what they declare.
import type { RelayError } from './protocol';
import { send } from './relay';
import { Store } from './store';

export interface Module {
  name: string;
  title: string;
  /** Precedes the provider's routes. */
  path: string;
  observable_types: string[];
  credentials: { name: string; prompt: string; optional?: boolean }[];
  settings: { name: string; default?: string; doc: string }[];
  module_type: ModuleType;
}

/** What `relay module type` prints. */
export interface ModuleType {
  title: string;
  short_description: string;
  description: string;
  tips: string;
  capabilities: { id: string; description: string }[];
  configuration_spec: { key: string; type: string; label: string; tooltip?: string; required?: boolean }[];
  properties: Record<string, unknown>;
}

interface Modules {
  version: string;
  types: string[];
  all: Module[];
  errors: RelayError[];
  loaded: boolean;
}

export const modules = new Store<Modules>({ version: '', types: [], all: [], errors: [], loaded: false });

export async function loadModules(): Promise<void> {
  const { data, errors = [] } = await send<{ version: string; observable_types: string[]; modules: Module[] }>('GET', '/page/modules', '');
  modules.set({ version: data?.version ?? '', types: data?.observable_types ?? [], all: data?.modules ?? [], errors, loaded: true });
}

export function supportedAPIs(m: Module): string[] {
  const apis = m.module_type.properties['supported-apis'];
  return Array.isArray(apis) ? apis.map(String) : [];
}

export function serves(m: Module, api: string): boolean {
  return supportedAPIs(m).includes(api);
}
