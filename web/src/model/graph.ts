// The observables and entities of an investigation as a graph.
import { type Disposition, disposition } from './disposition';
import { decisive, docs, observableOf, threats, verdicts } from './findings';
import type { Investigation } from './investigation';
import { type Entity, keyOf, type Observable } from './protocol';
import { list, plural, record, text, words } from './text';

export interface Node {
  id: string;
  type: string;
  label: string;
  disposition: Disposition;
  observable?: Observable;
  /** The nodes in a group. */
  members: Node[];
}

export interface Edge {
  source: string;
  target: string;
  relation: string;
}

export interface Graph {
  nodes: Node[];
  edges: Edge[];
}

/** From this many nodes on, similar ones are shown as a group. */
export const groupFrom = 20;

const kinds: [kind: string, type: string][] = [
  ['judgements', 'judgement'],
  ['sightings', 'sighting'],
  ['indicators', 'indicator'],
  ...threats.map(([kind, title]): [string, string] => [kind, title.toLowerCase().replace(/^vulnerabilities$/, 'vulnerability').replace(/s$/, '')]),
];

export function graphOf(i: Investigation): Graph {
  const nodes = new Map<string, Node>();
  const edges = new Map<string, Edge>();
  const addObservable = (o: Observable, type = o.type): string => {
    const id = keyOf(o);
    if (o.value && !nodes.has(id)) nodes.set(id, { id, type, label: text(o.value), disposition: 'none', observable: o, members: [] });
    return id;
  };
  const connect = (source: string, relation: string, target: string) => {
    if (source !== target && nodes.has(source) && nodes.has(target)) edges.set(`${source}\n${relation}\n${target}`, { source, relation, target });
  };
  for (const o of i.observables) {
    const results = i.results.get(keyOf(o)) ?? [];
    nodes.get(addObservable(o))!.disposition = decisive(verdicts(o, results))?.disposition ?? 'none';
    for (const { data } of results) {
      for (const [kind, type] of kinds) {
        for (const e of docs(data, kind)) {
          const id = text(e['id']);
          if (id) nodes.set(id, { id, type, label: nameOf(e, type), disposition: type === 'judgement' ? disposition(e) : 'none', members: [] });
        }
      }
      for (const j of docs(data, 'judgements')) connect(text(j['id']), 'judges', addObservable(observableOf(j['observable'])));
      for (const s of docs(data, 'sightings')) {
        for (const seen of list(s['observables'])) connect(text(s['id']), 'saw', addObservable(observableOf(seen)));
        for (const target of list(s['targets']).map(record)) {
          for (const hit of list(target['observables'])) connect(text(s['id']), 'targets', addObservable(observableOf(hit), 'target'));
        }
        for (const r of list(s['relations']).map(record)) {
          connect(addObservable(observableOf(r['source'])), words(text(r['relation'])).toLowerCase(), addObservable(observableOf(r['related'])));
        }
      }
      for (const r of docs(data, 'relationships')) connect(text(r['source_ref']), words(text(r['relationship_type'])), text(r['target_ref']));
    }
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()] };
}

function nameOf(e: Entity, type: string): string {
  return text(e[type === 'judgement' ? 'source' : 'title']) || text(e['source']) || type;
}

/** The graph without the nodes of the hidden types. */
export function without(g: Graph, hidden: Set<string>): Graph {
  const nodes = g.nodes.filter((n) => !hidden.has(n.type));
  const ids = new Set(nodes.map((n) => n.id));
  return { nodes, edges: g.edges.filter((e) => ids.has(e.source) && ids.has(e.target)) };
}

/** Shows nodes of the same type, disposition and relations as one. */
export function grouped(g: Graph): Graph {
  let colours = new Map(g.nodes.map((n) => [n.id, `${n.type} ${n.disposition} ${n.observable || n.type === 'judgement' ? '' : n.label}`]));
  // Two rounds: alike are those whose neighbours' neighbours are alike.
  for (let round = 0; round < 2; round++) {
    const around = new Map<string, string[]>(g.nodes.map((n) => [n.id, []]));
    for (const e of g.edges) {
      around.get(e.source)!.push(`> ${e.relation} ${colours.get(e.target)}`);
      around.get(e.target)!.push(`< ${e.relation} ${colours.get(e.source)}`);
    }
    const names = new Map<string, string>(); // long texts would double in every round
    colours = new Map(
      g.nodes.map((n) => {
        const text = `${colours.get(n.id)}\n${[...new Set(around.get(n.id))].sort().join('\n')}`;
        if (!names.has(text)) names.set(text, String(names.size));
        return [n.id, names.get(text)!];
      }),
    );
  }
  const byColour = new Map<string, Node[]>();
  for (const n of g.nodes) byColour.set(colours.get(n.id)!, [...(byColour.get(colours.get(n.id)!) ?? []), n]);
  const to = new Map<string, string>();
  const nodes = [...byColour.values()].map((members) => {
    const [first] = members as [Node];
    if (members.length === 1) {
      to.set(first.id, first.id);
      return first;
    }
    const id = `group ${first.id}`;
    for (const m of members) to.set(m.id, id);
    return { id, type: first.type, disposition: first.disposition, members, label: members.every((m) => m.label === first.label) ? `${members.length} × ${first.label}` : plural(members.length, words(first.type)) };
  });
  const edges = new Map<string, Edge>();
  for (const e of g.edges) {
    const edge = { source: to.get(e.source)!, relation: e.relation, target: to.get(e.target)! };
    if (edge.source !== edge.target) edges.set(`${edge.source}\n${edge.relation}\n${edge.target}`, edge);
  }
  return { nodes, edges: [...edges.values()] };
}
