// The protocol's shapes, as far as the page reads them. Files that people open may have anything in their place.

export interface Observable {
  type: string;
  value: string;
}

export interface RelayError {
  type: string;
  code: string;
  message: string;
}

export interface Envelope<T> {
  data?: T;
  errors?: RelayError[];
}

/** An entity of CTIM: a judgement, a sighting, an indicator and so on. */
export type Entity = Record<string, unknown>;

/** The data of /observe/observables: lists of entities by their kind. */
export type Findings = Record<string, unknown>;

export interface Link {
  id: string;
  title: string;
  description: string;
  url: string;
  categories?: string[];
}

export interface Action {
  id: string;
  title: string;
  description: string;
  categories?: string[];
  'query-params'?: Record<string, string>;
}

export interface Health {
  status: string;
  quotas?: Record<string, { limit: number; remaining: number }>;
}

export interface Tile {
  id: string;
  type: string;
  title: string;
  description: string;
  short_description: string;
  tags: string[];
  periods: string[];
  default_period: string;
}

/** What a tile shows. Its data depends on the tile's type. */
export interface TileData {
  observed_time?: { start_time?: string; end_time?: string };
  hide_legend?: boolean;
  labels?: unknown;
  label_headers?: unknown;
  keys?: unknown;
  key_type?: string;
  data?: unknown;
}

/** The name of an observable in this page: the platform's form, such as ip:"192.0.2.1". */
export function keyOf(o: Observable): string {
  return `${o.type}:"${o.value.replace(/[\\"]/g, '\\$&')}"`;
}
