import cytoscape from 'cytoscape';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { worstFirst } from '../model/disposition';
import { graphOf, grouped, groupFrom, type Node, without } from '../model/graph';
import { investigation } from '../model/investigation';
import { keyOf } from '../model/protocol';
import { useStore } from '../model/store';
import { plural, text, words } from '../model/text';
import { Badge } from '../parts/badge';
import { Grid } from '../parts/grid';
import { colour, theme } from '../parts/theme';
import { Value } from '../parts/value';
import { openPivot } from './pivot';

const layouts = { cose: 'force', concentric: 'concentric', breadthfirst: 'levels', circle: 'circle', grid: 'grid' } as const;

/** From this many nodes on, the force-directed layout takes too long. */
const forceUntil = 300;

/** The observables and entities by their relationships, drawn or as a table. */
export function GraphView() {
  const now = useStore(investigation);
  const full = useMemo(() => graphOf(now), [now.version]);
  const [hidden, setHidden] = useState(new Set<string>());
  const [marked, setMarked] = useState('');
  const [group, setGroup] = useState(true);
  const [layout, setLayout] = useState<keyof typeof layouts>('cose');
  const [asTable, setAsTable] = useState(false);
  const [node, setNode] = useState<Node | undefined>();
  const [whole, setWhole] = useState(false);
  const visible = useMemo(() => without(full, hidden), [full, hidden]);
  const shown = useMemo(() => (group && visible.nodes.length >= groupFrom ? grouped(visible) : visible), [visible, group]);
  const graph = useRef<cytoscape.Core | undefined>(undefined);
  const types = [...new Set(full.nodes.map((n) => n.type))].sort();
  useEffect(() => {
    if (!whole) return;
    const leave = (e: KeyboardEvent) => e.key === 'Escape' && setWhole(false);
    addEventListener('keydown', leave);
    return () => removeEventListener('keydown', leave);
  }, [whole]);
  const zoom = (factor: number) => graph.current?.zoom({ level: graph.current.zoom() * factor, renderedPosition: { x: graph.current.width() / 2, y: graph.current.height() / 2 } });
  return (
    <div class={whole ? 'graph whole' : 'graph'}>
      <div class="bar">
        <button type="button" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          As a table
        </button>
        <label>
          Layout{' '}
          <select value={layout} onChange={(e) => setLayout(e.currentTarget.value as keyof typeof layouts)} disabled={asTable}>
            {Object.entries(layouts).map(([id, title]) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
        </label>
        <button type="button" onClick={() => graph.current?.fit(undefined, 30)} disabled={asTable}>
          Fit
        </button>
        <button type="button" aria-label="Zoom in" onClick={() => zoom(1.3)} disabled={asTable}>
          +
        </button>
        <button type="button" aria-label="Zoom out" onClick={() => zoom(1 / 1.3)} disabled={asTable}>
          −
        </button>
        <label>
          <input type="checkbox" checked={group} onChange={(e) => setGroup(e.currentTarget.checked)} /> Group from {groupFrom} nodes
        </label>
        <button type="button" aria-pressed={whole} onClick={() => setWhole(!whole)}>
          Full window
        </button>
        <span class="quiet" role="status">
          {plural(shown.nodes.length, 'node')}, {plural(shown.edges.length, 'relation')}
        </span>
      </div>
      <div class="bar types" role="group" aria-label="Types of nodes">
        {types.map((t) => (
          <span key={t} class="type">
            <label>
              <input
                type="checkbox"
                checked={!hidden.has(t)}
                onChange={(e) => {
                  const next = new Set(hidden);
                  if (e.currentTarget.checked) next.delete(t);
                  else next.add(t);
                  setHidden(next);
                }}
              />{' '}
              {words(t)} <span class="quiet">{full.nodes.filter((n) => n.type === t).length}</span>
            </label>
            <button type="button" class="plain" aria-pressed={marked === t} aria-label={`Highlight ${words(t)}`} onClick={() => setMarked(marked === t ? '' : t)}>
              ☀
            </button>
          </span>
        ))}
      </div>
      {asTable ? (
        <Edges nodes={shown.nodes} edges={shown.edges} />
      ) : (
        <div class="graph-split">
          <Drawing key={whole ? 'whole' : 'part'} shown={shown} layout={layout} marked={marked} choose={setNode} expose={(g) => (graph.current = g)} />
          <aside aria-label="Chosen node">
            {node ? <NodeView node={node} /> : <p class="quiet">Choose a node to see what it is. A double click opens the pivot menu of an observable.</p>}
          </aside>
        </div>
      )}
    </div>
  );
}

function NodeView({ node }: { node: Node }) {
  const members = node.members.length > 0 ? node.members : [node];
  return (
    <>
      <h3>
        <bdi>{node.label}</bdi>
      </h3>
      <p>
        <span class="quiet">{words(node.type)}</span> {node.disposition !== 'none' && <Badge of={node.disposition} />}
      </p>
      <ul>
        {members.slice(0, 100).map((m) => (
          <li key={m.id}>{m.observable ? <Value of={m.observable} disposition={m.disposition} /> : <bdi>{m.label}</bdi>}</li>
        ))}
      </ul>
      {members.length > 100 && <p class="quiet">and {members.length - 100} more</p>}
    </>
  );
}

interface DrawingProps {
  shown: { nodes: Node[]; edges: { source: string; target: string; relation: string }[] };
  layout: string;
  marked: string;
  choose: (n: Node | undefined) => void;
  expose: (g: cytoscape.Core | undefined) => void;
}

function Drawing({ shown, layout, marked, choose, expose }: DrawingProps) {
  const box = useRef<HTMLDivElement>(null);
  const graph = useRef<cytoscape.Core | undefined>(undefined);
  const { version } = useStore(theme);
  useEffect(() => {
    const g = cytoscape({ container: box.current, style: style(), minZoom: 0.1, maxZoom: 4 });
    graph.current = g;
    expose(g);
    return () => {
      expose(undefined);
      g.destroy();
    };
  }, []);
  useEffect(() => {
    graph.current?.style(style());
  }, [version]);
  useEffect(() => {
    const g = graph.current!;
    const byID = new Map(shown.nodes.map((n) => [n.id, n]));
    g.elements().remove();
    g.add([
      ...shown.nodes.map((n) => ({ data: { id: n.id, label: short(n.label), type: n.type, shape: shapeOf(n), disposition: n.disposition, size: n.members.length > 0 ? 30 + Math.min(20, n.members.length) : 22 } })),
      ...shown.edges.map((e, i) => ({ data: { id: `edge ${i}`, source: e.source, target: e.target, label: e.relation } })),
    ]);
    g.removeAllListeners();
    g.on('tap', (event) => choose(event.target === g ? undefined : byID.get(event.target.id())));
    g.on('dbltap', 'node', (event) => {
      const o = byID.get(event.target.id())?.observable;
      if (o) {
        investigation.change({ selected: keyOf(o) });
        openPivot(o);
      }
    });
    const name = layout === 'cose' && shown.nodes.length > forceUntil ? 'concentric' : layout;
    // The same graph looks the same every time.
    g.layout({ name, animate: false, fit: true, padding: 30, randomize: false, nodeRepulsion: () => 9000, idealEdgeLength: () => 45, componentSpacing: 30, numIter: 2000 } as cytoscape.LayoutOptions).run();
    if (g.zoom() > 1.4) {
      g.zoom(1.4);
      g.center();
    }
  }, [shown, layout]);
  useEffect(() => {
    const g = graph.current!;
    g.elements().removeClass('faded');
    if (!marked) return;
    const lit = g.nodes().filter((n) => n.data('type') === marked);
    g.elements().not(lit.union(lit.connectedEdges()).union(lit.neighborhood())).addClass('faded');
  }, [marked, shown]);
  return <div ref={box} class="drawing" role="img" aria-label={`Graph of ${plural(shown.nodes.length, 'node')}. The button As a table lists the relations.`} />;
}

function short(label: string): string {
  return label.length > 28 ? `${label.slice(0, 27)}…` : label;
}

function shapeOf(n: Node): string {
  if ((n.members[0] ?? n).observable) return n.type === 'target' ? 'hexagon' : 'ellipse';
  return { judgement: 'triangle', sighting: 'diamond', indicator: 'round-rectangle', malware: 'octagon', actor: 'star', technique: 'tag' }[n.type] ?? 'round-rectangle';
}

function style(): cytoscape.StylesheetJson {
  const fill = (d: string) => ({ selector: `node[disposition = "${d}"]`, style: { 'background-color': colour(d), 'border-color': colour(d) } });
  return [
    {
      selector: 'node',
      style: {
        label: 'data(label)',
        shape: 'data(shape)' as never,
        width: 'data(size)',
        height: 'data(size)',
        'background-color': colour('surface-2'),
        'border-width': 2,
        'border-color': colour('quiet'),
        color: colour('text'),
        'font-size': 11,
        'text-valign': 'bottom',
        'text-margin-y': 4,
        'text-outline-color': colour('surface'),
        'text-outline-width': 2,
      },
    },
    ...worstFirst.filter((d) => d !== 'none').map(fill),
    {
      selector: 'edge',
      style: { label: 'data(label)', width: 1, 'line-color': colour('line-strong'), 'target-arrow-color': colour('line-strong'), 'target-arrow-shape': 'triangle', 'arrow-scale': 0.7, 'curve-style': 'bezier', 'font-size': 9, 'min-zoomed-font-size': 8, color: colour('quiet'), 'text-rotation': 'autorotate', 'text-outline-color': colour('surface'), 'text-outline-width': 2 },
    },
    { selector: ':selected', style: { 'border-width': 4, 'border-color': colour('accent') } },
    { selector: '.faded', style: { opacity: 0.15 } },
  ] as cytoscape.StylesheetJson;
}

function Edges({ nodes, edges }: { nodes: Node[]; edges: { source: string; target: string; relation: string }[] }) {
  const byID = new Map(nodes.map((n) => [n.id, n]));
  const cell = (id: string) => {
    const n = byID.get(id);
    if (!n) return '';
    return n.observable ? <Value of={n.observable} disposition={n.disposition} /> : <><bdi>{n.label}</bdi> <span class="quiet">{words(n.type)}</span></>;
  };
  const lone = nodes.filter((n) => !edges.some((e) => e.source === n.id || e.target === n.id));
  return <Grid title="Relations" columns={['From', 'Relation', 'To']} rows={[...edges.map((e) => [cell(e.source), text(e.relation), cell(e.target)]), ...lone.map((n) => [cell(n.id), '', ''])]} />;
}
