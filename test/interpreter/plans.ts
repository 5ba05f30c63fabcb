/**
 * Plans built by hand: small programs for the interpreter's own tests, without the compiler.
 *
 * Expressions are written as CEL (number literals as doubles: `10.0`); a name in them finds its slot by itself.
 */
import type { JsonMap } from '../../language/plan/json.js';
import type { Block, Expression, MapEntry, NodeBase, Plan, Value } from '../../language/plan/plan.js';
import type { Node } from '../../language/steps/index.js';

type Common = Partial<Omit<NodeBase, 'verb' | 'slot' | 'line' | 'column'>>;
type Own<N extends Node> = N extends Node ? Omit<N, Exclude<keyof NodeBase, 'verb'>> : never;

export type Written = string | number | boolean | readonly Written[] | { readonly [key: string]: Written };

/** The slots and nodes of a block; none of these programs has loops, so that nobody asks which. */
const EVERYTHING = { slots: [0, 0], nodes: [0, 0] } as const;

export class Draft {
  readonly names: readonly string[];
  private readonly nodes: Node[] = [];
  private readonly blocks: Block[] = [{ steps: [], ...EVERYTHING }];

  /** `ids`: the steps that have a result, in order. */
  constructor(...ids: readonly string[]) {
    this.names = ['input', 'run', ...ids];
  }

  /** Adds a step; gives its index. Its path is its id unless said otherwise. */
  step(name: string, own: Own<Node>, common: Common = {}): number {
    const slot = this.names.indexOf(name);
    const place = { path: name, line: 1, column: 1 };
    const named = slot < 0 ? place : { ...place, id: name, slot };
    return this.nodes.push({ ...named, ...common, ...own }) - 1;
  }

  block(steps: readonly number[], output?: Written): number {
    return (
      this.blocks.push({ steps, ...EVERYTHING, ...(output === undefined ? {} : { output: this.value(output) }) }) - 1
    );
  }

  /** Plain values; a text `${…}` is an expression. */
  value(written: Written): Value {
    if (Array.isArray(written)) return { is: 'list', items: written.map((item: Written) => this.value(item)) };
    if (typeof written === 'object') {
      const entries = Object.entries(written).map(([key, value]): MapEntry => ({ key, value: this.value(value) }));
      return { is: 'map', entries };
    }
    const source = typeof written === 'string' ? /^\$\{(.*)\}$/.exec(written)?.[1] : undefined;
    return source === undefined ? { is: 'literal', value: written } : { is: 'expression', expression: this.x(source) };
  }

  x(cel: string, gives: Expression['gives'] = 'any'): Expression {
    const names = this.names.flatMap((name, slot) =>
      new RegExp(`(?<![\\w.'])${name}\\b`).test(cel) ? [{ name, slot, times: [] }] : [],
    );
    return { source: cel, cel, names, label: 'definition', gives, line: 1, column: 1 };
  }

  read(id: string, common?: Common): number {
    return this.step(id, { verb: 'read', from: `shop.${id}`, where: this.value({ id: 1 }), optional: false }, common);
  }

  create(id: string, values: Written, common?: Common): number {
    const columns = ['id', 'order_id', 'amount', 'note'];
    return this.step(id, { verb: 'create', in: `shop.${id}s`, rows: this.value(values), many: false, columns }, common);
  }

  /** A `create` with an undo step that deletes the row it made. */
  undoable(id: string, values: Written, common: Common = {}): number {
    const where = this.value({ id: `\${${id}.id}` });
    const undo = this.step(`${id}.undo`, { verb: 'delete', from: `shop.${id}s`, where, expect: 'one' });
    return this.create(id, values, { ...common, undo });
  }

  tell(path: string, text: Written, common?: Common): number {
    const to = this.value('a@example.org');
    return this.step(path, { verb: 'tell', who: 'customer', to, text: this.value(text) }, common);
  }

  set(id: string, values: Written, common?: Common): number {
    return this.step(id, { verb: 'set', values: this.value(values) }, common);
  }

  refuse(path: string, reason: Written, common?: Common): number {
    return this.step(path, { verb: 'refuse', reason: this.value(reason) }, common);
  }

  fail(path: string, type: string, message: Written, common?: Common): number {
    return this.step(path, { verb: 'fail', type, message: this.value(message) }, common);
  }

  wait(path: string, literal_ms: number, common?: Common): number {
    return this.step(path, { verb: 'wait', how: 'for', literal_ms }, common);
  }

  approve(id: string, nodes: readonly number[], common?: Common, onTimeout = true): number {
    const steps = nodes.map((index) => this.nodes[index]?.path ?? '');
    const own = { verb: 'approve', for: nodes, steps, by: 'desk' } as const;
    return this.step(id, onTimeout ? { ...own, on_timeout: 'reject' } : own, common);
  }

  switch(id: string, of: string, cases: { readonly [value: string]: number }, common?: Common): number {
    const all = Object.entries(cases).map(([is, block]) => (is === 'else' ? { block } : { is, block }));
    return this.step(id, { verb: 'switch', of: this.x(of), cases: all }, common);
  }

  /** The plan that runs `steps` and ends with `output`. */
  plan(steps: readonly number[], output: Written = {}, ends_within_ms = 5 * DAY): Plan<Node> {
    const root: Block = { steps, output: this.value(output), ...EVERYTHING };
    const input: JsonMap = { type: 'object' };
    return {
      irVersion: 1,
      name: 'demo',
      summary: 'A demonstration',
      owner: 'owners',
      ends_within_ms,
      file: 'definitions/demo/demo.flow.yaml',
      hash: 'ab'.repeat(32),
      sourceHash: 'cd'.repeat(32),
      uses: ['shop'],
      input,
      slots: this.names,
      labels: this.names.map(() => [{ path: [], label: 'definition' }]),
      nodes: this.nodes,
      blocks: [root, ...this.blocks.slice(1)],
      calls: {},
      model_calls_at_most: 0,
      paths_without_model: 1,
    };
  }
}

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const DAY = 24 * 60 * MINUTE;
