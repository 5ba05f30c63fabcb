/**
 * A graph in Graphviz's language, which lays it out and draws it.
 *
 * PURE. An author's text stands in labels only, escaped for the XML that such labels are; nothing else is taken from it.
 */
import type { Arrow, Box, BoxKind, Graph } from './graph.js';
import { COLOURS, holds } from './graph-mermaid.js';

const SHAPES: Readonly<Record<BoxKind, string>> = {
  start: 'shape=box, style="rounded,filled,bold"',
  step: 'shape=box, style=filled',
  choice: 'shape=diamond, style=filled, margin=0',
  model: 'shape=hexagon, style=filled',
  person: 'shape=house, style=filled',
  effect: 'shape=cylinder, style=filled',
  message: 'shape=note, style=filled',
  call: 'shape=component, style=filled',
  wait: 'shape=box, style="rounded,filled,dashed"',
  end: 'shape=box, style="rounded,filled", peripheries=2',
  stopped: 'shape=octagon, style=filled, peripheries=2',
};

const ARROWS: Readonly<Record<Arrow['kind'], string>> = {
  next: 'color="#374151"',
  skip: 'color="#6b7280", style=dashed',
  failure: 'color="#b91c1c", fontcolor="#b91c1c", style=dashed, arrowhead=empty',
  binds: 'color="#b45309", fontcolor="#b45309", style=dotted, arrowhead=dot, constraint=false',
};

const TAKEN = '#15803d';
const FAINT = '#9ca3af';
/** A font whose widths Graphviz knows; the picture asks for whatever of its kind is there. */
export const FONT_NAME = 'Arial';
const FONT = `fontname="${FONT_NAME}"`;
/** Characters of a line in a box: narrow enough for a telephone. */
const LINE = 24;
const SMALL = 11;
const CENTRED = '<BR/>';
const LEFT = '<BR ALIGN="LEFT"/>';
const LEGEND_ROW = 3;

export type Direction = 'TB' | 'LR';

export function dotOf(graph: Graph, direction: Direction = 'TB'): string {
  const lines = [
    'digraph flow {',
    `  graph [rankdir=${direction}, ${FONT}, fontsize=12, nodesep=0.25, ranksep=0.35, pad=0.15, labelloc=t, label=<${heading(graph)}>]`,
    `  node [${FONT}, fontsize=12, margin="0.14,0.07", height=0.3, fontcolor="#111827"]`,
    `  edge [${FONT}, fontsize=10, arrowsize=0.7, fontcolor="#374151"]`,
  ];
  frame(graph, undefined, '  ', lines);
  for (const arrow of graph.arrows) lines.push(`  ${arrow.from} -> ${arrow.to} [${arrowOf(arrow)}]`);
  legend(graph, lines);
  lines.push('}');
  return `${lines.join('\n')}\n`;
}

function heading({ title, caption }: Graph): string {
  return `<B>${broken(title, 44)}</B><BR/><FONT POINT-SIZE="10" COLOR="#4b5563">${broken(caption, 52)}</FONT>`;
}

function frame(graph: Graph, around: string | undefined, indent: string, lines: string[]): void {
  for (const box of graph.boxes) if (box.frame === around) lines.push(`${indent}${box.id} [${boxOf(box)}]`);
  for (const { id, title, around: outer } of graph.frames) {
    if (outer !== around || !holds(graph, id)) continue;
    lines.push(`${indent}subgraph cluster_${id} {`);
    lines.push(
      `${indent}  label=<<FONT POINT-SIZE="${SMALL}">${broken(title, LINE + 4, LEFT)}</FONT>>; labeljust=l; color="#9ca3af"; style="rounded"; bgcolor="#fbfbfb"`,
    );
    frame(graph, id, `${indent}  `, lines);
    lines.push(`${indent}}`);
  }
}

function boxOf({ kind, title, details, ran, last }: Box): string {
  const { fill, line } = COLOURS[kind];
  const times = ran === undefined || ran < 2 ? '' : ` &#215;${ran}`;
  const small = details.map((detail) => `<BR/><FONT POINT-SIZE="${SMALL}">${broken(detail, LINE)}</FONT>`).join('');
  const label = `label=<<B>${broken(title, LINE)}${times}</B>${small}>`;
  const shape = SHAPES[kind];
  if (ran === undefined) return `${label}, ${shape}, fillcolor="${fill}", color="${line}"`;
  if (ran === 0) return `${label}, ${shape}, fillcolor="#ffffff", color="${FAINT}", fontcolor="#6b7280"`;
  return `${label}, ${shape}, fillcolor="${fill}", color="${TAKEN}", penwidth=${last === true ? 5 : 3}`;
}

function arrowOf({ kind, label, taken }: Arrow): string {
  const text = label === '' ? '' : `, label=<${broken(label, 20)}>`;
  if (taken === undefined || kind === 'binds') return `${ARROWS[kind]}${text}`;
  const style = ARROWS[kind].replace(/(font)?color="[^"]*"(, )?/g, '').replace(/, $/, '');
  const colour = taken ? `color="${TAKEN}", penwidth=3` : `color="${FAINT}", fontcolor="${FAINT}"`;
  return `${[colour, style].filter((part) => part !== '').join(', ')}${text}`;
}

/** Below everything else, in rows. */
function legend(graph: Graph, lines: string[]): void {
  const ends = graph.boxes.filter(({ id }) => !graph.arrows.some(({ from, kind }) => from === id && kind !== 'binds'));
  lines.push(
    '  subgraph cluster_legend {',
    '    label=<<FONT POINT-SIZE="10">what the shapes mean</FONT>>; color="#d1d5db"; style=rounded',
  );
  for (const kind of graph.kinds) {
    const { fill, line, name } = COLOURS[kind];
    lines.push(
      `    l_${kind} [label=<<FONT POINT-SIZE="10">${name}</FONT>>, ${SHAPES[kind]}, fillcolor="${fill}", color="${line}"]`,
    );
  }
  lines.push('  }');
  for (const [index, kind] of graph.kinds.entries()) {
    const above = graph.kinds[index - LEGEND_ROW];
    if (above !== undefined) lines.push(`  l_${above} -> l_${kind} [style=invis]`);
    else for (const { id } of ends) lines.push(`  ${id} -> l_${kind} [style=invis]`);
  }
}

/** Escaped for a label, with line breaks between words; a word that is too long is broken anywhere. */
function broken(text: string, width: number, between = CENTRED): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((one) => pieces(one, width))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= width || line === '') line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  const all = [...lines, line].map(escaped);
  // An alignment belongs to the line before it.
  return `${all.join(between)}${between === LEFT ? LEFT : ''}`;
}

function pieces(word: string, width: number): string[] {
  const characters = Array.from(word);
  const parts: string[] = [];
  for (let at = 0; at < characters.length || at === 0; at += width)
    parts.push(characters.slice(at, at + width).join(''));
  return parts;
}

/** As XML; what XML cannot hold is left out. Graphviz fills in `\N` and the like in labels, so a backslash stands twice. */
function escaped(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, ' ')
    .replace(/[&<>"'\\[\]{}|]/g, (character) => `&#${character.charCodeAt(0)};`.repeat(character === '\\' ? 2 : 1));
}
