/**
 * A graph as Mermaid text: a flowchart that pages which know Mermaid draw by themselves.
 *
 * PURE. An author's text stands in quotes, every character that Mermaid could obey written as its number.
 */
import type { Arrow, Box, BoxKind, Graph } from './graph.js';

const SHAPES: Readonly<Record<BoxKind, readonly [string, string]>> = {
  start: ['([', '])'],
  step: ['[', ']'],
  choice: ['{', '}'],
  model: ['{{', '}}'],
  person: ['[/', '\\]'],
  effect: ['[(', ')]'],
  message: ['>', ']'],
  call: ['[[', ']]'],
  wait: ['(', ')'],
  end: ['(((', ')))'],
  stopped: ['(((', ')))'],
};

/** Fill, line, and what it is called in the legend; dark on light, and told apart in grey as well, by the shape. */
export const COLOURS: Readonly<
  Record<BoxKind, { readonly fill: string; readonly line: string; readonly name: string }>
> = {
  start: { fill: '#ffffff', line: '#333333', name: 'start' },
  step: { fill: '#f3f4f6', line: '#4b5563', name: 'step' },
  choice: { fill: '#ffffff', line: '#333333', name: 'choice' },
  model: { fill: '#ede0fb', line: '#6d28d9', name: 'may ask a model' },
  person: { fill: '#fde8c8', line: '#b45309', name: 'asks a person' },
  effect: { fill: '#d6eaf8', line: '#1d4ed8', name: 'changes something' },
  message: { fill: '#d9f2e3', line: '#047857', name: 'tells somebody' },
  call: { fill: '#e0f2f1', line: '#0f766e', name: 'another workflow' },
  wait: { fill: '#fffde7', line: '#a16207', name: 'waits' },
  end: { fill: '#ffffff', line: '#111827', name: 'the run ends' },
  stopped: { fill: '#fbe0e0', line: '#b91c1c', name: 'the run stopped' },
};

const TAKEN = '#15803d';

export function mermaidOf(graph: Graph): string {
  const lines = ['---', `title: "${graph.title.replace(/[^\p{L}\p{N} .:_-]/gu, ' ')}"`, '---', 'flowchart TB'];
  frame(graph, undefined, '  ', lines);
  for (const arrow of graph.arrows) lines.push(`  ${arrow.from} ${arrowOf(arrow)} ${arrow.to}`);
  lines.push(`  ${NOTE}["${encoded(graph.caption)}"]:::is_note`);
  legend(graph, lines);
  for (const kind of graph.kinds.concat('start')) {
    const { fill, line } = COLOURS[kind];
    lines.push(`  classDef is_${kind} fill:${fill},stroke:${line},color:#111827`);
  }
  lines.push('  classDef is_note fill:#ffffff,stroke:#ffffff,color:#374151');
  walked(graph, lines);
  return `${lines.join('\n')}\n`;
}

const NOTE = 'caption';

function frame(graph: Graph, around: string | undefined, indent: string, lines: string[]): void {
  for (const box of graph.boxes) if (box.frame === around) lines.push(`${indent}${boxOf(box)}`);
  for (const { id, title, around: outer } of graph.frames) {
    if (outer !== around || !holds(graph, id)) continue;
    lines.push(`${indent}subgraph ${id}["${encoded(title)}"]`);
    frame(graph, id, `${indent}  `, lines);
    lines.push(`${indent}end`);
  }
}

/** A frame without a box in it is not drawn: Mermaid would draw it as a box of its own. */
export function holds(graph: Graph, frame_: string): boolean {
  if (graph.boxes.some(({ frame: own }) => own === frame_)) return true;
  return graph.frames.some(({ id, around }) => around === frame_ && holds(graph, id));
}

function boxOf({ id, kind, title, details, ran }: Box): string {
  const [open, close] = SHAPES[kind];
  const times = ran === undefined || ran < 2 ? '' : ` ×${ran}`;
  const text = [`<b>${encoded(title)}${times}</b>`, ...details.map(encoded)].join('<br/>');
  return `${id}${open}"${text}"${close}:::is_${kind}`;
}

function arrowOf({ kind, label }: Arrow): string {
  const [line, head] = kind === 'next' ? ['--', '-->'] : ['-.', kind === 'binds' ? '.-o' : '.->'];
  if (label !== '') return `${line} "${encoded(label)}" ${head}`;
  return kind === 'next' ? '-->' : kind === 'binds' ? '-.-o' : '-.->';
}

function legend({ kinds }: Graph, lines: string[]): void {
  lines.push('  subgraph legend["what the shapes mean"]', '    direction LR');
  for (const kind of kinds) {
    const [open, close] = SHAPES[kind];
    lines.push(`    l${kind}${open}"${COLOURS[kind].name}"${close}:::is_${kind}`);
  }
  lines.push('  end');
}

/** What a run came by, and what it left out. */
function walked({ boxes, arrows }: Graph, lines: string[]): void {
  const shown = boxes.filter(({ ran }) => ran !== undefined);
  if (shown.length === 0) return;
  const came = shown.filter(({ ran }) => (ran ?? 0) > 0).map(({ id }) => id);
  const left = shown.filter(({ ran }) => ran === 0).map(({ id }) => id);
  lines.push(
    `  classDef is_came stroke:${TAKEN},stroke-width:4px`,
    '  classDef is_left fill:#ffffff,stroke:#9ca3af,color:#6b7280',
  );
  if (came.length > 0) lines.push(`  class ${came.join(',')} is_came`);
  if (left.length > 0) lines.push(`  class ${left.join(',')} is_left`);
  const taken = arrows.flatMap(({ taken: took }, index) => (took === true ? [index] : []));
  if (taken.length > 0) lines.push(`  linkStyle ${taken.join(',')} stroke:${TAKEN},stroke-width:4px`);
}

/** Letters, digits, spaces and harmless signs as they are; everything else as its number. */
export function encoded(text: string): string {
  return text.replace(/[^\p{L}\p{N} .,:+=/_-]/gu, (character) => `#${character.codePointAt(0) ?? 32};`);
}
