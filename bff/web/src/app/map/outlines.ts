import type { GeometryCollection, Topology } from 'topojson-specification';

import { worldOf } from './camera';

/** Land and the borders between countries, in the measure of the world (0 to 1), as a canvas draws them. */
export interface Outlines {
  readonly land: Path2D;
  readonly borders: Path2D;
}

type Atlas = Topology<{ countries: GeometryCollection; land: GeometryCollection }>;
type Line = readonly (readonly number[])[];

/** Read Natural Earth's outlines, 1 to 50 million, which come with the page. */
export async function readOutlines(): Promise<Outlines> {
  const [{ feature, mesh }, atlas] = await Promise.all([import('topojson-client'), import('world-atlas/countries-50m.json')]);
  const world = atlas.default as unknown as Atlas;
  const land = new Path2D();
  for (const { geometry } of feature(world, world.objects.land).features) {
    const polygons = geometry.type === 'MultiPolygon' ? geometry.coordinates : geometry.type === 'Polygon' ? [geometry.coordinates] : [];
    for (const ring of polygons.flat()) draw(land, ring);
  }
  const borders = new Path2D();
  for (const line of mesh(world, world.objects.countries, (one, other) => one !== other).coordinates) draw(borders, line);
  return { land, borders };
}

function draw(path: Path2D, line: Line): void {
  line.forEach(([longitude = 0, latitude = 0], at) => {
    const { x, y } = worldOf(latitude, longitude);
    if (at) path.lineTo(x, y);
    else path.moveTo(x, y);
  });
}
