import { named, suggested } from '../../model/disposition';
import { list, record, text } from '../../model/text';
import { Grid } from '../../parts/grid';
import { OutLink } from '../../parts/link';
import type { ContentProps } from '../tile';

function read(data: unknown) {
  return list(data)
    .map(record)
    .map((m) => {
      const unit = text(m['value_unit'] ?? m['value-unit']);
      const value = typeof m['value'] === 'number' ? m['value'].toLocaleString('en') : text(m['value']);
      return { icon: text(m['icon']), label: text(m['label']), value, unit: unit === 'integer' || unit === 'string' ? '' : unit, link: m['link_uri'] };
    });
}

/** A few numbers. The colour of each follows its icon or label. */
export function MetricsContent({ data }: ContentProps) {
  return (
    <ul class="metrics">
      {read(data.data).map((m, i) => (
        <li key={i} class={named(m.label) ?? suggested(m.icon) ?? 'none'} title={m.icon && `Icon: ${m.icon}`}>
          <span class="number">
            <OutLink url={m.link}>
              <bdi>{m.value}</bdi>
            </OutLink>
            {m.unit && <small> {m.unit}</small>}
          </span>
          <span class="quiet">
            <bdi>{m.label}</bdi>
          </span>
        </li>
      ))}
    </ul>
  );
}

export function MetricsTable({ tile, data }: ContentProps) {
  return <Grid title={text(tile.title)} columns={['Metric', 'Value', 'Icon']} rows={read(data.data).map((m) => [<bdi>{m.label}</bdi>, <OutLink url={m.link}>{`${m.value} ${m.unit}`}</OutLink>, m.icon])} />;
}
