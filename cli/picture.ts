/**
 * A graph as an SVG picture, laid out by Graphviz, which runs here as WebAssembly.
 *
 * HOST. Top-down, because that is narrow enough for a telephone and a printed page; from left to right where that is less
 * wide. The picture names no font, script or image from elsewhere, and grows and shrinks with what it stands in.
 */
import { Graphviz } from '@hpcc-js/wasm-graphviz';
import { dotOf, FONT_NAME, type Direction } from '../language/compiler/graph-dot.js';
import type { Graph } from '../language/compiler/graph.js';

const SIZE = /<svg width="([\d.]+)pt" height="([\d.]+)pt"/;

export async function pictureOf(graph: Graph): Promise<string> {
  const graphviz = await Graphviz.load();
  const draw = (direction: Direction): Drawn => drawn(graphviz.dot(dotOf(graph, direction), 'svg'));
  const down = draw('TB');
  const across = draw('LR');
  const { svg, width } = across.width < down.width ? across : down;
  return svg
    .replace(SIZE, `<svg width="100%" style="max-width:${Math.ceil(width * 1.33)}px;height:auto"`)
    .replace(/^[\s\S]*?(?=<svg)/, '')
    .replace(/<!--[\s\S]*?-->\n?/g, '')
    .replaceAll(`font-family="${FONT_NAME}"`, 'font-family="Helvetica,Arial,sans-serif"');
}

interface Drawn {
  readonly svg: string;
  /** Points. */
  readonly width: number;
}

function drawn(svg: string): Drawn {
  const width = Number(SIZE.exec(svg)?.[1] ?? Number.NaN);
  if (Number.isNaN(width)) throw new Error(`Graphviz drew something that has no width: ${svg.slice(0, 200)}`);
  return { svg, width };
}
