// The land of the world as the path of an SVG. One unit is a degree; north is up.
import topology from 'world-atlas/land-110m.json';

interface Topology {
  transform: { scale: number[]; translate: number[] };
  arcs: number[][][];
  objects: { land: { geometries: { arcs: number[][][] }[] } };
}

const { transform, arcs, objects } = topology as unknown as Topology;

type Point = [longitude: number, latitude: number];

/** An arc's points. Each is stored as its distance from the one before. */
function points(arc: number): Point[] {
  let x = 0;
  let y = 0;
  const all = arcs[arc < 0 ? ~arc : arc]!.map(([dx, dy]): Point => {
    x += dx!;
    y += dy!;
    return [x * transform.scale[0]! + transform.translate[0]!, y * transform.scale[1]! + transform.translate[1]!];
  });
  return arc < 0 ? all.reverse() : all;
}

/** A ring as a path. Where it crosses the date line, the line is interrupted. */
function path(ring: number[]): string {
  let before: Point | undefined;
  let drawn = '';
  for (const point of ring.flatMap(points)) {
    drawn += `${!before || Math.abs(point[0] - before[0]) > 180 ? 'M' : 'L'}${point[0].toFixed(1)},${(-point[1]).toFixed(1)}`;
    before = point;
  }
  return drawn;
}

export const land = objects.land.geometries.flatMap((shape) => shape.arcs.flat().map((ring) => path([ring].flat()))).join('');
