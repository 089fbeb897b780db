import { Component, DestroyRef, ElementRef, afterNextRender, effect, inject, input, output, signal, untracked, viewChild } from '@angular/core';

import type { GeoBoxInput } from '../graph/generated';
import { Darkness } from '../shell/darkness';
import { boxBetween, fitted, moved, screenOf, worldAt, zoomed } from './camera';
import type { Camera, Point, Size } from './camera';
import { markAt } from './marks';
import type { Mark } from './marks';
import { readOutlines } from './outlines';
import type { Outlines } from './outlines';
import { paint } from './painting';
import type { Colours } from './painting';

const COLOURS = ['good', 'notice', 'warn', 'bad', 'off', 'sheet', 'sunk', 'edge', 'edge-strong', 'ink', 'ink-soft', 'accent', 'focus'] as const;
const STEP_PIXELS = 80;
const CLICK_PIXELS = 4;

/** The map itself: draws what it is given, and tells what a person does with it. */
@Component({
  selector: 'mp-map-canvas',
  styles: `
    :host { display: block; position: relative; overflow: hidden; background: var(--sheet-sunk); }
    canvas { display: block; width: 100%; height: 100%; touch-action: none; cursor: grab; }
    canvas:focus-visible { outline-offset: -3px; }
    canvas.over { cursor: pointer; } canvas.draws { cursor: crosshair; }
  `,
  template: `
    <canvas #canvas tabindex="0" role="application" i18n-aria-roledescription aria-roledescription="map" [attr.aria-label]="label()" [class.over]="over()" [class.draws]="drawing()"
      (pointerdown)="down($event)" (pointermove)="move($event)" (pointerup)="up($event)" (pointercancel)="cancel($event)" (dblclick)="zoomTo($event, 1)" (keydown)="key($event)"></canvas>
    @for (name of colours; track name) { <i hidden [style.color]="name === 'sunk' ? 'var(--sheet-sunk)' : 'var(--' + name + ')'"></i> }
  `,
})
export class MapCanvas {
  readonly camera = input.required<Camera>();
  readonly marks = input.required<readonly Mark[]>();
  readonly chosen = input<string | null>(null);
  readonly box = input<GeoBoxInput | null>(null);
  readonly extent = input<GeoBoxInput | null>(null);
  readonly drawing = input(false);
  readonly label = input.required<string>();
  /** A word that changes when colours do. */
  readonly resized = output<Size>();
  readonly cameraMoved = output<Camera>();
  readonly picked = output<Mark | null>();
  readonly boxDrawn = output<GeoBoxInput>();

  protected readonly colours = COLOURS;
  protected readonly over = signal(false);
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);
  private readonly canvas = viewChild.required<ElementRef<HTMLCanvasElement>>('canvas');
  private readonly size = signal<Size>({ width: 0, height: 0 });
  private readonly outlines = signal<Outlines | null>(null);
  private readonly corners = signal<readonly [Point, Point] | null>(null);
  private readonly pointers = new Map<number, Point>();
  private went = 0;
  private frame = 0;

  constructor() {
    const destroyed = inject(DestroyRef);
    const darkness = inject(Darkness);
    afterNextRender(() => {
      const watching = new ResizeObserver(([entry]) => {
        const { width = 0, height = 0 } = entry?.contentRect ?? {};
        this.size.set({ width, height });
        if (width && height) this.resized.emit({ width, height });
      });
      watching.observe(this.host.nativeElement);
      // Angular's own listeners are passive here, and would let the page scroll beneath.
      this.canvas().nativeElement.addEventListener('wheel', (event) => this.wheel(event), { passive: false });
      destroyed.onDestroy(() => watching.disconnect());
    });
    destroyed.onDestroy(() => cancelAnimationFrame(this.frame));
    // What cannot be read leaves the map without a ground; places and figures are there all the same.
    readOutlines().then((outlines) => this.outlines.set(outlines), () => undefined);
    effect(() => {
      this.camera(); this.marks(); this.chosen(); this.box(); darkness.dark(); this.size(); this.outlines(); this.corners();
      untracked(() => this.paintSoon());
    });
  }

  protected down(event: PointerEvent): void {
    const at = this.at(event);
    this.canvas().nativeElement.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, at);
    this.went = this.pointers.size > 1 ? Infinity : 0;
    if (this.drawing() || event.shiftKey) this.corners.set([at, at]);
  }

  protected move(event: PointerEvent): void {
    const at = this.at(event);
    const before = this.pointers.get(event.pointerId);
    if (!before) {
      this.over.set(markAt(this.marks(), this.camera(), this.size(), at) !== null);
      return;
    }
    this.went += Math.hypot(at.x - before.x, at.y - before.y);
    this.pointers.set(event.pointerId, at);
    const corners = this.corners();
    if (corners) this.corners.set([corners[0], at]);
    else if (this.pointers.size === 2) this.pinch(event.pointerId, before, at);
    else if (this.went > CLICK_PIXELS) this.cameraMoved.emit(moved(this.camera(), at.x - before.x, at.y - before.y));
  }

  protected up(event: PointerEvent): void {
    const corners = this.corners();
    const wasAlone = this.pointers.size === 1;
    this.cancel(event);
    if (corners && this.went > CLICK_PIXELS) {
      const [one, other] = corners.map((corner) => worldAt(this.camera(), this.size(), corner));
      if (one && other) this.boxDrawn.emit(boxBetween(one, other));
    } else if (wasAlone && this.went <= CLICK_PIXELS) this.picked.emit(markAt(this.marks(), this.camera(), this.size(), this.at(event)));
  }

  protected cancel(event: PointerEvent): void {
    this.pointers.delete(event.pointerId);
    this.corners.set(null);
  }

  protected zoomTo(event: MouseEvent, steps: number): void {
    this.cameraMoved.emit(zoomed(this.camera(), this.size(), this.at(event), steps));
  }

  protected key(event: KeyboardEvent): void {
    const { width, height } = this.size();
    const middle = { x: width / 2, y: height / 2 };
    const ways: Record<string, () => Camera | null> = {
      ArrowLeft: () => moved(this.camera(), STEP_PIXELS, 0),
      ArrowRight: () => moved(this.camera(), -STEP_PIXELS, 0),
      ArrowUp: () => moved(this.camera(), 0, STEP_PIXELS),
      ArrowDown: () => moved(this.camera(), 0, -STEP_PIXELS),
      '+': () => zoomed(this.camera(), this.size(), middle, 1),
      '=': () => zoomed(this.camera(), this.size(), middle, 1),
      '-': () => zoomed(this.camera(), this.size(), middle, -1),
      '0': () => { const extent = this.extent(); return extent && fitted(extent, this.size()); },
      Enter: () => { this.picked.emit(this.nearest(middle)); return null; },
    };
    const way = ways[event.key];
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const camera = way();
    if (camera) this.cameraMoved.emit(camera);
  }

  private nearest(to: Point): Mark | null {
    const far = (mark: Mark): number => { const at = screenOf(this.camera(), this.size(), mark.at); return Math.hypot(at.x - to.x, at.y - to.y); };
    return [...this.marks()].sort((one, other) => far(one) - far(other))[0] ?? null;
  }

  private wheel(event: WheelEvent): void {
    event.preventDefault();
    this.zoomTo(event, Math.max(-1, Math.min(1, -event.deltaY / 240)));
  }

  private pinch(moving: number, before: Point, now: Point): void {
    const still = [...this.pointers].find(([id]) => id !== moving)?.[1];
    if (!still) return;
    const distance = (point: Point): number => Math.max(1, Math.hypot(point.x - still.x, point.y - still.y));
    const middle = { x: (still.x + now.x) / 2, y: (still.y + now.y) / 2 };
    const camera = zoomed(this.camera(), this.size(), middle, Math.log2(distance(now) / distance(before)));
    this.cameraMoved.emit(moved(camera, (now.x - before.x) / 2, (now.y - before.y) / 2));
  }

  private at(event: MouseEvent): Point {
    const { left, top } = this.canvas().nativeElement.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  focus(): void {
    this.canvas().nativeElement.focus();
  }

  private paintSoon(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.paintNow());
  }

  private paintNow(): void {
    const canvas = this.canvas().nativeElement;
    const size = this.size();
    const context = canvas.getContext('2d');
    if (!context || !size.width || !size.height) return;
    const dots = Math.min(devicePixelRatio, 2);
    const [width, height] = [Math.round(size.width * dots), Math.round(size.height * dots)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    context.setTransform(dots, 0, 0, dots, 0, 0);
    const probes = this.host.nativeElement.querySelectorAll<HTMLElement>('i[hidden]');
    const colours = Object.fromEntries(COLOURS.map((name, at) => [name, getComputedStyle(probes[at] ?? canvas).color])) as Colours;
    paint(context, {
      camera: this.camera(), size, colours, outlines: this.outlines(), marks: this.marks(), chosen: this.chosen(), box: this.box(), drawn: this.corners(),
    });
  }
}
