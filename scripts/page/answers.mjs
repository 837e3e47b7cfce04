// Answers that the tests and pictures put in place of the relay's.

const day = 24 * 60 * 60 * 1000;
const period = { start_time: '2026-01-01T00:00:00.000Z', end_time: '2026-01-08T00:00:00.000Z' };

const periods = ['last_hour', 'last_24_hours', 'last_7_days', 'last_30_days', 'last_60_days', 'last_90_days'];
const dispositions = ['Malicious', 'Suspicious', 'Clean'];

const points = (label) =>
  [8, 13, 5, 21, 9, 14, 17].map((n, i) => ({
    key: Date.UTC(2026, 0, 1) + i * day,
    label: label(i),
    value: n + 6,
    values: [
      { key: 'a', value: n, tooltip: `${n} blocked`, link_uri: 'https://example.com/blocked' },
      { key: 'b', value: 4 },
      { key: 'c', value: 2 },
    ],
  }));
const chart = (label) => ({ keys: ['a', 'b', 'c'].map((key, i) => ({ key, label: dispositions[i] })), key_type: 'timestamp', data: points(label) });

/** The data of a tile of each type. */
export const tileData = {
  metric_group: {
    data: [
      { icon: 'malware', label: 'Malicious', value: 1284, value_unit: 'integer' },
      { icon: 'warning', label: 'Suspicious', value: 77, 'value-unit': 'integer', link_uri: 'https://example.com/suspicious' },
      { icon: 'clock', label: 'Median answer', value: '180', value_unit: 'ms' },
    ],
  },
  donut_graph: {
    labels: [['Phishing', 'Malware', 'Scan'], dispositions],
    label_headers: ['Category', 'Disposition'],
    data: [
      { key: 0, value: 30, segments: [{ key: 0, value: 22 }, { key: 1, value: 8 }] },
      { key: 1, value: 18, segments: [{ key: 0, value: 18 }] },
      { key: 2, value: 9, segments: [{ key: 1, value: 6 }, { key: 2, value: 3 }] },
    ],
  },
  vertical_bar_chart: chart((i) => `2026-01-0${i + 1}`),
  threat_map: {
    data: [
      { coordinates: [52.5, 13.4], ip_address: '192.0.2.1', volume: 40, email_type: 'scan', hostname: 'berlin.example' },
      { coordinates: [37.8, -122.4], ip_address: '192.0.2.2', volume: 12, email_type: 'scan', hostname: 'west.example' },
      { coordinates: [-33.9, 151.2], ip_address: '192.0.2.3', volume: 5, email_type: 'scan', hostname: 'sydney.example' },
      { coordinates: [35.7, 139.7], ip_address: '192.0.2.4', volume: 22, email_type: 'scan', hostname: 'tokyo.example' },
    ],
  },
  horizontal_bar_chart: chart((i) => `192.0.2.${i + 1}`),
  line_chart: chart((i) => `2026-01-0${i + 1}`),
  markdown: { data: ['# Recent changes', '', '| When | What |', '| --- | --- |', '| today | **added** `evil.example` |', '', 'More at [the source](https://example.com/changes).'] },
  data_table: {
    data: {
      columns: [
        { key: 'host', label: 'Host', content_type: 'filter_text' },
        { key: 'name', label: 'Detection', content_type: 'linked_text' },
        { key: 'n', label: 'Count', content_type: 'text' },
      ],
      rows: [
        { host: 'ws-17', name: 'ExampleRAT', n: '12', link_uri: 'https://example.com/1' },
        { host: 'ws-18', name: 'Phishing', n: '3', link_uri: 'https://example.com/2' },
        { host: 'srv-2', name: 'Scan', n: '1' },
      ],
    },
  },
};

/** A tile of each type, with every period. */
export const tiles = Object.keys(tileData).map((type) => ({
  id: type,
  type,
  title: `A ${type.replaceAll('_', ' ')}`,
  description: 'What it shows, and of which time.',
  short_description: 'What it shows',
  tags: ['test'],
  periods,
  default_period: 'last_7_days',
}));

/** Answers about tiles in place of the relay's. */
export async function withTiles(page) {
  await page.route('**/tiles', (route) => route.fulfill({ json: { data: tiles } }));
  await page.route('**/tiles/tile-data', (route) => {
    const { tile_id: type, period: asked } = route.request().postDataJSON();
    return route.fulfill({ json: { data: { tile_id: type, period: asked, observed_time: period, valid_time: period, hide_legend: false, cache_scope: 'org', ...tileData[type] } } });
  });
}

/** Texts with which a third party could attack a page. */
export const hostile = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script> [x](javascript:window.hacked=1) \u202Egnp.exe';

/** An answer about an observable in which all texts are hostile. */
export function hostileFindings(observable) {
  const base = (type) => ({ type, id: `transient:${type}-1`, schema_version: '1.3.28', source: hostile, source_uri: 'javascript:window.hacked=1', title: hostile, description: hostile, short_description: hostile });
  const docs = (...all) => ({ count: all.length, docs: all });
  const time = { start_time: '2026-01-01T00:00:00.000Z', end_time: '2525-01-01T00:00:00.000Z' };
  return {
    verdicts: docs({ type: 'verdict', observable, disposition: 2, judgement_id: 'transient:judgement-1', valid_time: time, disposition_name: hostile }),
    judgements: docs({ ...base('judgement'), observable, disposition: 2, severity: hostile, confidence: 'High', priority: 90, reason: hostile, reason_uri: 'javascript:window.hacked=1', valid_time: time, tlp: hostile }),
    sightings: docs({ ...base('sighting'), count: 1, observed_time: time, observables: [observable, { type: hostile, value: hostile }], relations: [{ origin: hostile, origin_uri: 'data:text/html,x', relation: 'Resolved_To', source: observable, related: { type: 'ip', value: hostile } }], targets: [{ type: 'endpoint', observables: [{ type: 'hostname', value: hostile }] }] }),
    indicators: docs({ ...base('indicator'), producer: hostile, tags: [hostile], valid_time: time }),
    malwares: docs({ ...base('malware'), labels: [hostile] }),
    relationships: docs({ type: 'relationship', id: 'transient:relationship-1', relationship_type: hostile, source_ref: 'transient:judgement-1', target_ref: 'transient:indicator-1' }),
  };
}
