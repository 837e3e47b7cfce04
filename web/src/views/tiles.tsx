import { useEffect, useState } from 'preact/hooks';
import { type Module, modules, serves } from '../model/modules';
import type { RelayError, Tile } from '../model/protocol';
import { call } from '../model/relay';
import { useStore } from '../model/store';
import { text } from '../model/text';
import { Errors } from '../parts/errors';
import { TileCard } from './tile';

/** The tiles of all modules. */
export function Tiles() {
  const { all, loaded } = useStore(modules);
  const withTiles = all.filter((m) => serves(m, 'tiles'));
  if (loaded && withTiles.length === 0) return <p class="quiet padded">No provider of this relay has tiles.</p>;
  return (
    <>
      {withTiles.map((m) => (
        <ModuleTiles key={m.name} module={m} />
      ))}
    </>
  );
}

function ModuleTiles({ module }: { module: Module }) {
  const [tiles, setTiles] = useState<Tile[] | undefined>();
  const [errors, setErrors] = useState<RelayError[]>([]);
  useEffect(() => {
    const control = new AbortController();
    void call<Tile[]>(`${module.path}/tiles`, undefined, control.signal).then(
      (answer) => (setTiles(answer.data ?? []), setErrors(answer.errors ?? [])),
      () => undefined,
    );
    return () => control.abort();
  }, [module]);
  return (
    <section aria-label={`Tiles of ${module.title}`} class="padded">
      <h2>{text(module.title)}</h2>
      <Errors of={errors} />
      {!tiles && <p role="status">Asking for tiles…</p>}
      <div class="tiles">
        {tiles?.map((t) => (
          <TileCard key={t.id} module={module} tile={t} />
        ))}
      </div>
    </section>
  );
}
