import { list, number, record, text } from '../../model/text';
import { Grid } from '../../parts/grid';
import type { ContentProps } from '../tile';
import { land } from './land';

interface Place {
  latitude: number;
  longitude: number;
  address: string;
  host: string;
  volume: number;
  kind: string;
}

function read(data: unknown): Place[] {
  return list(data)
    .map(record)
    .map((p) => {
      const [latitude, longitude] = list(p['coordinates']).map(number);
      return { latitude: latitude ?? 0, longitude: longitude ?? 0, address: text(p['ip_address']), host: text(p['hostname']), volume: number(p['volume']), kind: text(p['email_type']) };
    })
    .filter((p) => Math.abs(p.latitude) <= 90 && Math.abs(p.longitude) <= 180);
}

/** Points on a map of the world. One unit is a degree. */
export function ThreatMapContent({ tile, data }: ContentProps) {
  const places = read(data.data).sort((a, b) => b.volume - a.volume);
  const largest = Math.max(1, ...places.map((p) => p.volume));
  return (
    <svg class="map" viewBox="-180 -84 360 142" role="img" aria-label={`${text(tile.title)}: ${places.length} places. The button Table lists them.`}>
      <path class="land" d={land} />
      {places.map((p, i) => (
        <circle key={i} cx={p.longitude} cy={-p.latitude} r={1.5 + 4.5 * Math.sqrt(p.volume / largest)}>
          <title>{`${p.host || p.address}: ${p.volume}`}</title>
        </circle>
      ))}
    </svg>
  );
}

export function ThreatMapTable({ tile, data }: ContentProps) {
  return <Grid title={text(tile.title)} columns={['Address', 'Host', 'Volume', 'Kind', 'Latitude', 'Longitude']} rows={read(data.data).map((p) => [p.address, <bdi>{p.host}</bdi>, p.volume.toLocaleString('en'), p.kind, p.latitude, p.longitude])} />;
}
