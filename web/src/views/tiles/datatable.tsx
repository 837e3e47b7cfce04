import { useState } from 'preact/hooks';
import { list, plural, record, text } from '../../model/text';
import { Grid } from '../../parts/grid';
import { OutLink } from '../../parts/link';
import type { ContentProps } from '../tile';

/** Rows of text, with a field above for each column that filters. */
export function DataTable({ tile, data }: ContentProps) {
  const content = record(data.data);
  const columns = list(content['columns']).map(record).map((c) => ({ key: text(c['key']), label: text(c['label']), type: text(c['content_type']) }));
  const [filters, setFilters] = useState<Record<string, string>>({});
  const rows = list(content['rows']).map(record);
  const shown = rows.filter((row) => columns.every((c) => text(row[c.key]).toLowerCase().includes((filters[c.key] ?? '').toLowerCase())));
  const filtered = content['hide_filters'] === true ? [] : columns.filter((c) => c.type === 'filter_text');
  return (
    <>
      {filtered.length > 0 && (
        <div class="bar">
          {filtered.map((c) => (
            <input key={c.key} type="search" aria-label={`Filter ${c.label}`} placeholder={c.label} value={filters[c.key] ?? ''} onInput={(e) => setFilters({ ...filters, [c.key]: e.currentTarget.value })} />
          ))}
          <span class="quiet" role="status">
            {plural(shown.length, 'row')}
          </span>
        </div>
      )}
      <Grid
        title={text(tile.title)}
        columns={columns.map((c) => c.label)}
        rows={shown.map((row) => columns.map((c) => (c.type === 'linked_text' ? <OutLink url={row['link_uri']}><bdi>{text(row[c.key])}</bdi></OutLink> : <bdi>{text(row[c.key])}</bdi>)))}
      />
    </>
  );
}
