import type { GeoBoxInput } from '../graph/generated';
import { compact } from '../parts/numbers';
import { SHAPES } from '../parts/state-mark';
import type { Tone } from '../parts/state-mark';
import { scaleOf, screenOf, worldOf } from './camera';
import { gridOf, scaleBar } from './grid';
import type { Camera, Point, Size } from './camera';
import { concern } from './marks';
import type { Mark } from './marks';
import type { Outlines } from './outlines';

/** Colours of the tokens, resolved: a canvas knows no variables. */
export type Colours = Readonly<Record<Tone | 'sheet' | 'sunk' | 'edge' | 'edge-strong' | 'ink' | 'ink-soft' | 'accent' | 'focus', string>>;

export interface Picture {
  readonly camera: Camera;
  readonly size: Size;
  readonly colours: Colours;
  readonly outlines: Outlines | null;
  readonly marks: readonly Mark[];
  readonly chosen: string | null;
  readonly box: GeoBoxInput | null;
  /** Two corners, while somebody draws a box. */
  readonly drawn: readonly [Point, Point] | null;
}

const FONT = "'Inter Variable', system-ui, sans-serif";
const TURN = 2 * Math.PI;
const RING_PIXELS = 4;
/** Where a figure fills the circle, the ring is not to lie on it. */
const SMALL_RING_PIXELS = 2.25;
const SMALL_RADIUS = 13;
/** Outlines are right to some kilometres: whoever looks closer sees lines of degrees instead. */
const OUTLINES_FADE = { from: 8, to: 10 };

export function paint(context: CanvasRenderingContext2D, picture: Picture): void {
  const { size, colours } = picture;
  context.fillStyle = colours.sunk;
  context.fillRect(0, 0, size.width, size.height);
  const shown = Math.max(0, Math.min(1, (OUTLINES_FADE.to - picture.camera.zoom) / (OUTLINES_FADE.to - OUTLINES_FADE.from)));
  if (picture.outlines && shown > 0) paintOutlines(context, picture, picture.outlines, shown);
  if (shown < 1) paintGrid(context, picture, 1 - shown);
  paintScale(context, picture);
  if (picture.box) paintBox(context, picture, picture.box);
  for (const mark of picture.marks) paintMark(context, picture, mark);
  if (picture.drawn) {
    const [one, other] = picture.drawn;
    dashed(context, colours.accent, () => context.strokeRect(one.x, one.y, other.x - one.x, other.y - one.y));
  }
}

function paintOutlines(context: CanvasRenderingContext2D, { camera, size, colours }: Picture, outlines: Outlines, shown: number): void {
  const scale = scaleOf(camera);
  const corner = screenOf(camera, size, { x: 0, y: 0 });
  context.save();
  context.translate(corner.x, corner.y);
  context.scale(scale, scale);
  context.lineWidth = 1 / scale;
  context.lineJoin = 'round';
  context.globalAlpha = shown;
  context.fillStyle = colours.sheet;
  context.fill(outlines.land, 'evenodd');
  context.strokeStyle = colours.edge;
  context.stroke(outlines.land);
  context.strokeStyle = colours['edge-strong'];
  context.globalAlpha = 0.55 * shown;
  context.stroke(outlines.borders);
  context.restore();
}

/** Lines of whole degrees or parts of them, each with its number. */
function paintGrid(context: CanvasRenderingContext2D, { camera, size, colours }: Picture, shown: number): void {
  const { step, meridians, parallels } = gridOf(camera, size);
  const digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  context.save();
  context.globalAlpha = shown;
  context.lineWidth = 1;
  context.strokeStyle = colours.edge;
  context.fillStyle = colours['ink-soft'];
  context.font = `10px ${FONT}`;
  context.textBaseline = 'top';
  for (const longitude of meridians) {
    const x = Math.round(screenOf(camera, size, worldOf(0, longitude)).x) + 0.5;
    line(context, [x, 0], [x, size.height]);
    context.fillText(`${longitude.toFixed(digits)}°`, x + 4, 4);
  }
  for (const latitude of parallels) {
    const y = Math.round(screenOf(camera, size, worldOf(latitude, 0)).y) + 0.5;
    line(context, [0, y], [size.width, y]);
    context.fillText(`${latitude.toFixed(digits)}°`, 4, y + 4);
  }
  context.restore();
}

function paintScale(context: CanvasRenderingContext2D, { camera, size, colours }: Picture): void {
  const { metres, pixels } = scaleBar(camera);
  const [x, y] = [12, size.height - 12];
  context.save();
  context.strokeStyle = colours['ink-soft'];
  context.fillStyle = colours['ink-soft'];
  context.lineWidth = 1.5;
  context.font = `10px ${FONT}`;
  line(context, [x, y], [x + pixels, y]);
  line(context, [x, y - 4], [x, y]);
  line(context, [x + pixels, y - 4], [x + pixels, y]);
  context.fillText(metres < 1000 ? `${metres} m` : `${metres / 1000} km`, x + 4, y - 5);
  context.restore();
}

function line(context: CanvasRenderingContext2D, from: readonly [number, number], to: readonly [number, number]): void {
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
}

/** What lies outside of the part that is picked steps back. */
function paintBox(context: CanvasRenderingContext2D, { camera, size, colours }: Picture, box: GeoBoxInput): void {
  const from = screenOf(camera, size, worldOf(box.north, box.west));
  const to = screenOf(camera, size, worldOf(box.south, box.east));
  context.save();
  context.globalAlpha = 0.5;
  context.fillStyle = colours.sunk;
  context.beginPath();
  context.rect(0, 0, size.width, size.height);
  context.rect(from.x, from.y, to.x - from.x, to.y - from.y);
  context.fill('evenodd');
  context.restore();
  dashed(context, colours.accent, () => context.strokeRect(from.x, from.y, to.x - from.x, to.y - from.y));
}

function paintMark(context: CanvasRenderingContext2D, picture: Picture, mark: Mark): void {
  const { camera, size, colours } = picture;
  const middle = screenOf(camera, size, mark.at);
  const at = { x: middle.x + mark.aside, y: middle.y + mark.aside };
  if (at.x < -mark.radius || at.y < -mark.radius || at.x > size.width + mark.radius || at.y > size.height + mark.radius) return;
  context.save();
  context.translate(at.x, at.y);
  if (mark.key === picture.chosen) halo(context, mark, colours);
  if (mark.kind === 'device') paintShape(context, mark, colours);
  else {
    paintRound(context, mark, colours);
    paintText(context, mark, colours);
  }
  context.restore();
}

/** A disc with a ring: how the devices are, worst first from the top. Areas are a square, as their place is not a place. */
function paintRound(context: CanvasRenderingContext2D, mark: Mark, colours: Colours): void {
  const { radius } = mark;
  const ring = radius < SMALL_RADIUS ? SMALL_RING_PIXELS : RING_PIXELS;
  outline(context, mark, radius + 1.5);
  context.fillStyle = colours.sheet;
  context.fill();
  context.lineWidth = ring;
  if (mark.kind === 'area') {
    outline(context, mark, radius - ring / 2);
    context.setLineDash([3, 2]);
    context.strokeStyle = colours[mark.parts[0]?.tone ?? 'off'];
    context.lineWidth = 2.5;
    context.stroke();
    return;
  }
  let from = -TURN / 4;
  for (const part of mark.parts) {
    const to = from + (TURN * part.count) / Math.max(mark.count, 1);
    context.beginPath();
    context.arc(0, 0, radius - ring / 2, from, to);
    context.strokeStyle = colours[part.tone];
    context.stroke();
    from = to;
  }
}

function paintText(context: CanvasRenderingContext2D, mark: Mark, colours: Colours): void {
  const worst = concern(mark);
  const small = mark.radius < SMALL_RADIUS;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  if (worst && (small || worst.count === mark.count)) {
    // Too small for figures: the shape alone says that something is to be seen here.
    context.fillStyle = colours[worst.tone];
    context.font = `9px ${FONT}`;
    context.fillText(SHAPES[worst.tone], 0, small ? 0.5 : -7);
    if (small) return;
  }
  context.fillStyle = colours.ink;
  context.font = `600 ${mark.radius < 16 ? 10 : 11}px ${FONT}`;
  const two = worst !== null && !small;
  if (!small || mark.count < (mark.kind === 'area' ? 100 : 10)) context.fillText(compact(mark.count), 0, two ? (worst.count === mark.count ? 4 : -4) : 0.5);
  if (two && worst.count !== mark.count) {
    context.fillStyle = colours[worst.tone];
    context.font = `550 9px ${FONT}`;
    context.fillText(`${SHAPES[worst.tone]} ${compact(worst.count)}`, 0, 7);
  }
}

function paintShape(context: CanvasRenderingContext2D, mark: Mark, colours: Colours): void {
  const tone = mark.parts[0]?.tone ?? 'off';
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.font = `14px ${FONT}`;
  context.lineWidth = 3;
  context.strokeStyle = colours.sheet;
  context.strokeText(SHAPES[tone], 0, 0);
  context.fillStyle = colours[tone];
  context.fillText(SHAPES[tone], 0, 0);
}

function halo(context: CanvasRenderingContext2D, mark: Mark, colours: Colours): void {
  outline(context, mark, mark.radius + 5);
  context.strokeStyle = colours.focus;
  context.lineWidth = 2.5;
  context.stroke();
}

function outline(context: CanvasRenderingContext2D, mark: Mark, radius: number): void {
  context.beginPath();
  if (mark.kind === 'area') context.roundRect(-radius, -radius, 2 * radius, 2 * radius, 3);
  else context.arc(0, 0, radius, 0, TURN);
}

function dashed(context: CanvasRenderingContext2D, colour: string, stroke: () => void): void {
  context.save();
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.setLineDash([6, 4]);
  stroke();
  context.restore();
}
