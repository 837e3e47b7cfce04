// The land of the world as the path of an SVG. One unit is a degree; north is up.
import topology from 'world-atlas/land-110m.json';

interface Topology {
  transform: { scale: number[]; translate: number[] };
  arcs: number[][][];
  objects: { land: { geometries: { arcs: number[][][] }[] } };
}

const { transform, arcs, objects } = topology as unknown as Topology;

/** An arc's points. Each is stored as its distance from the one before. */
function points(arc: number): string[] {
  let x = 0;
  let y = 0;
  const all = arcs[arc < 0 ? ~arc : arc]!.map(([dx, dy]) => {
    x += dx!;
    y += dy!;
    const longitude = x * transform.scale[0]! + transform.translate[0]!;
    const latitude = y * transform.scale[1]! + transform.translate[1]!;
    return `${longitude.toFixed(1)},${(-latitude).toFixed(1)}`;
  });
  return arc < 0 ? all.reverse() : all;
}

export const land = objects.land.geometries
  .flatMap((shape) => shape.arcs.flat())
  .map((ring) => `M${[ring].flat().flatMap(points).join('L')}Z`)
  .join('');
