import { useEffect, useState } from 'preact/hooks';
import { changes } from '../model/investigation';
import type { Module } from '../model/modules';
import type { RelayError, Tile, TileData } from '../model/protocol';
import { call } from '../model/relay';
import { useStore } from '../model/store';
import { list, record, text, words } from '../model/text';
import { when } from '../model/time';
import { Errors } from '../parts/errors';
import { ChartContent, ChartTable } from './tiles/chart';
import { DataTable } from './tiles/datatable';
import { DonutContent, DonutTable } from './tiles/donut';
import { MarkdownContent, MarkdownTable } from './tiles/markdown';
import { MetricsContent, MetricsTable } from './tiles/metrics';
import { ThreatMapContent, ThreatMapTable } from './tiles/threatmap';

/** How each type of tile is drawn, and its table. */
const contents = {
  metric_group: [MetricsContent, MetricsTable],
  donut_graph: [DonutContent, DonutTable],
  vertical_bar_chart: [ChartContent, ChartTable],
  horizontal_bar_chart: [ChartContent, ChartTable],
  line_chart: [ChartContent, ChartTable],
  markdown: [MarkdownContent, MarkdownTable],
  data_table: [DataTable, DataTable],
  threat_map: [ThreatMapContent, ThreatMapTable],
} as const;

/** What the content of a tile gets. */
export interface ContentProps {
  tile: Tile;
  data: TileData;
}

/** Reports whether a tile has nothing to show. The data of a table has columns and rows. */
function isEmpty({ data }: TileData): boolean {
  return list(data).length === 0 && list(record(data)['rows']).length === 0;
}

/** A tile with its period, drawn or as a table. */
export function TileCard({ module, tile }: { module: Module; tile: Tile }) {
  const [period, setPeriod] = useState(tile.default_period);
  const [asTable, setAsTable] = useState(false);
  const [answer, setAnswer] = useState<{ data?: TileData; errors: RelayError[] } | undefined>();
  const [reloads, setReloads] = useState(0);
  const changed = useStore(changes);
  useEffect(() => {
    const control = new AbortController();
    void call<TileData>(`${module.path}/tiles/tile-data`, { tile_id: tile.id, period }, control.signal).then(
      ({ data, errors = [] }) => setAnswer({ data, errors }),
      () => undefined,
    );
    return () => control.abort();
  }, [period, changed, reloads]);
  const title = text(tile.title);
  const [Drawn, Table] = contents[tile.type as keyof typeof contents] ?? [];
  const Content = asTable ? Table : Drawn;
  const wide = tile.type === 'data_table' || tile.type === 'threat_map' || tile.type === 'markdown';
  return (
    <article class={wide ? 'tile wide' : 'tile'} aria-label={title}>
      <header>
        <h3>
          <bdi>{title}</bdi>
        </h3>
        <span class="grow" />
        <select aria-label={`Period of ${title}`} value={period} onChange={(e) => setPeriod(e.currentTarget.value)}>
          {tile.periods.map((p) => (
            <option key={p} value={p}>
              {words(text(p))}
            </option>
          ))}
        </select>
        {Drawn !== Table && (
          <button type="button" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
            Table
          </button>
        )}
        <button type="button" class="plain" aria-label={`Reload ${title}`} onClick={() => setReloads(reloads + 1)}>
          ↻
        </button>
      </header>
      <div class="content">
        {!answer && <p role="status">Asking…</p>}
        {answer && <Errors of={answer.errors} />}
        {!Content && <p>XDR knows no tile of the type {text(tile.type)}.</p>}
        {Content && answer?.data && (isEmpty(answer.data) ? <p class="quiet">No data in this period.</p> : <Content tile={tile} data={answer.data} />)}
      </div>
      <footer class="quiet">
        <bdi>{text(tile.description || tile.short_description)}</bdi>
        <br />
        {text(tile.type)}
        {answer?.data?.observed_time?.start_time && ` · ${when(answer.data.observed_time.start_time)} to ${when(answer.data.observed_time.end_time)} UTC`}
      </footer>
    </article>
  );
}
