import type { ChartConfiguration } from 'chart.js';
import { useCallback } from 'preact/hooks';
import type { TileData } from '../../model/protocol';
import { list, number, record, text, webURL } from '../../model/text';
import { when } from '../../model/time';
import { Grid } from '../../parts/grid';
import { OutLink } from '../../parts/link';
import type { ContentProps } from '../tile';
import { Canvas, seriesColour } from './canvas';

interface Series {
  key: string;
  label: string;
}

interface Point {
  label: string;
  total: number;
  values: Map<string, { value: number; tooltip: string; link: unknown }>;
}

function read(data: TileData): { series: Series[]; points: Point[] } {
  const points = list(data.data).map(record).map((p): Point => ({
    label: text(p['label']) || (data.key_type === 'timestamp' ? when(new Date(number(p['key'])).toISOString()) : text(p['key'])),
    total: number(p['value']),
    values: new Map(list(p['values']).map(record).map((v) => [text(v['key']), { value: number(v['value']), tooltip: text(v['tooltip']), link: v['link_uri'] }])),
  }));
  const series = list(data.keys).map(record).map((k) => ({ key: text(k['key']), label: text(k['label']) || text(k['key']) }));
  return { series, points };
}

/** Bars or lines. */
export function ChartContent({ tile, data }: ContentProps) {
  const make = useCallback((): ChartConfiguration => {
    const { series, points } = read(data);
    const line = tile.type === 'line_chart';
    const across = tile.type === 'horizontal_bar_chart';
    return {
      type: line ? 'line' : 'bar',
      data: {
        labels: points.map((p) => p.label),
        datasets: series.map((s, i) => ({
          label: s.label,
          data: points.map((p) => p.values.get(s.key)?.value ?? 0),
          backgroundColor: seriesColour(s.label, i),
          borderColor: seriesColour(s.label, i),
          borderWidth: line ? 2 : 0,
          tension: 0.2,
          pointRadius: 2,
        })),
      },
      options: {
        indexAxis: across ? 'y' : 'x',
        scales: { x: { stacked: !line, ticks: { precision: 0, maxRotation: 45 } }, y: { stacked: !line, beginAtZero: true, ticks: { precision: 0 } } },
        plugins: {
          legend: { display: !data.hide_legend, position: 'bottom', labels: { boxWidth: 10 } },
          tooltip: { callbacks: { label: (item) => points[item.dataIndex]?.values.get(series[item.datasetIndex]?.key ?? '')?.tooltip || `${item.dataset.label}: ${item.formattedValue}` } },
        },
        onClick: (_, hits) => {
          const hit = hits[0] && points[hits[0].index]?.values.get(series[hits[0].datasetIndex]?.key ?? '');
          const url = webURL(hit?.link);
          if (url) window.open(url, '_blank', 'noopener,noreferrer');
        },
      },
    };
  }, [tile, data]);
  return <Canvas make={make} title={text(tile.title)} />;
}

export function ChartTable({ tile, data }: ContentProps) {
  const { series, points } = read(data);
  return (
    <Grid
      title={text(tile.title)}
      columns={[data.key_type === 'timestamp' ? 'Time' : 'Name', ...series.map((s) => s.label), 'Total']}
      rows={points.map((p) => [
        <bdi>{p.label}</bdi>,
        ...series.map((s) => {
          const v = p.values.get(s.key);
          return v ? <OutLink url={v.link}>{v.value.toLocaleString('en')}</OutLink> : 0;
        }),
        p.total.toLocaleString('en'),
      ])}
    />
  );
}
