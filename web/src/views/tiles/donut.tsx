import type { ChartConfiguration } from 'chart.js';
import { useCallback } from 'preact/hooks';
import type { TileData } from '../../model/protocol';
import { list, number, record, text, webURL } from '../../model/text';
import { Grid } from '../../parts/grid';
import { OutLink } from '../../parts/link';
import { colour } from '../../parts/theme';
import type { ContentProps } from '../tile';
import { Canvas, seriesColour } from './canvas';

interface Part {
  slice: string;
  segment: string;
  value: number;
  tooltip: string;
  link: unknown;
}

function read(data: TileData): { headers: string[]; slices: Part[]; segments: Part[] } {
  const labels = list(data.labels).map((l) => list(l).map(text));
  const name = (ring: number, key: unknown) => labels[ring]?.[number(key)] ?? text(key);
  const slices: Part[] = [];
  const segments: Part[] = [];
  for (const s of list(data.data).map(record)) {
    const slice = name(0, s['key']);
    slices.push({ slice, segment: '', value: number(s['value']), tooltip: text(s['tooltip']), link: s['link_uri'] });
    for (const g of list(s['segments']).map(record)) {
      segments.push({ slice, segment: name(1, g['key']), value: number(g['value']), tooltip: text(g['tooltip']), link: g['link_uri'] });
    }
  }
  const headers = list(data.label_headers).map(text);
  return { headers: [headers[0] || 'Label', headers[1] || 'Part'], slices, segments };
}

/** One ring, or two: each slice of the inner one has segments in the outer one. */
export function DonutContent({ tile, data }: ContentProps) {
  const make = useCallback((): ChartConfiguration => {
    const { slices, segments } = read(data);
    const names = [...new Set(slices.map((s) => s.slice))];
    const parts = [...new Set(segments.map((s) => s.segment))];
    const rings = segments.length > 0 ? [segments, slices] : [slices];
    const paint = (p: Part) => (p.segment ? seriesColour(p.segment, parts.indexOf(p.segment) + 4) : seriesColour(p.slice, names.indexOf(p.slice)));
    return {
      type: 'doughnut',
      data: { labels: slices.map((s) => s.slice), datasets: rings.map((ring) => ({ data: ring.map((p) => p.value), backgroundColor: ring.map(paint), borderColor: colour('surface'), borderWidth: 1 })) },
      options: {
        plugins: {
          legend: {
            display: !data.hide_legend,
            position: 'right',
            // Both rings have their colours.
            labels: {
              boxWidth: 10,
              generateLabels: () =>
                [...names.map((n, i) => [n, seriesColour(n, i)] as const), ...parts.map((n, i) => [n, seriesColour(n, i + 4)] as const)].map(([label, fill]) => ({ text: label, fillStyle: fill, strokeStyle: fill, fontColor: colour('quiet') })),
            },
            onClick: () => undefined,
          },
          tooltip: {
            callbacks: {
              title: () => '',
              label: (item) => {
                const p = rings[item.datasetIndex]?.[item.dataIndex];
                return p ? p.tooltip || `${[p.slice, p.segment].filter(Boolean).join(', ')}: ${p.value}` : '';
              },
            },
          },
        },
        onClick: (_, hits) => {
          const url = hits[0] && webURL(rings[hits[0].datasetIndex]?.[hits[0].index]?.link);
          if (url) window.open(url, '_blank', 'noopener,noreferrer');
        },
      },
    };
  }, [data]);
  return <Canvas make={make} title={text(tile.title)} />;
}

export function DonutTable({ tile, data }: ContentProps) {
  const { headers, slices, segments } = read(data);
  const shown = slices.flatMap((s) => {
    const own = segments.filter((g) => g.slice === s.slice);
    return own.length > 0 ? own : [s];
  });
  return <Grid title={text(tile.title)} columns={[...headers, 'Value']} rows={shown.map((p) => [<bdi>{p.slice}</bdi>, <bdi>{p.segment}</bdi>, <OutLink url={p.link}>{p.value.toLocaleString('en')}</OutLink>])} />;
}
