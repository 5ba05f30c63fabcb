/**
 * A door to a server of tools (Model Context Protocol): one session per server and worker, opened when it is first needed.
 *
 * HOST. The SDK is loaded with the first session, so that projects without tools do not pay for it. Definitions were
 * checked against the committed tools file; a tool that is another one now is not called, because nobody has looked at what
 * its arguments would mean to it.
 */
import { validateValue } from '../language/compiler/input.js';
import { failure } from '../language/plan/failure.js';
import { withoutNulls } from '../language/plan/json.js';
import type { Json, JsonMap } from '../language/plan/json.js';
import type { Callable } from '../language/plan/project.js';
import type { ToolAnswer, ToolSession } from './mcp-session.js';
import { shapeOf } from './tools-file.js';
import type { RecordedTool, Tool } from './tools-file.js';

/** A secret reference, resolved when the session is opened. */
interface Reference {
  resolve(): string;
}

export type ToolServerPlace =
  | {
      readonly kind: 'stdio';
      /** The program and its arguments. */
      readonly command: readonly string[];
      readonly env: ReadonlyMap<string, Reference>;
      readonly directory: string;
    }
  | {
      readonly kind: 'http';
      readonly url: Reference;
      readonly headers: ReadonlyMap<string, Reference>;
      /** Addresses of this machine and its network are allowed. */
      readonly allowPrivate: boolean;
    };

export interface ToolDoorSettings {
  readonly name: string;
  readonly server: ToolServerPlace;
  /** The committed file, for messages. */
  readonly toolsName: string;
  readonly tools: ReadonlyMap<string, RecordedTool>;
  /** What the program of the server says on its standard error, line by line. */
  readonly log: (line: string) => void;
}

export interface ToolCall {
  readonly key: string;
  readonly effect: Callable['effect'];
  readonly timeout_ms: number;
  readonly signal: AbortSignal;
}

export interface ToolDoor {
  readonly name: string;
  readonly tools: ReadonlyMap<string, RecordedTool>;
  /**
   * What the tool gives, as declared; `{text}` where it declares nothing. Failures: `rejected` (it says no), `invalid` (it
   * was not asked), `unreachable` (it was not asked, or may be asked again), `outcome_unknown`, `unexpected`.
   */
  call(tool: string, input: JsonMap, call: ToolCall): Promise<Json>;
  list(): Promise<readonly Tool[]>;
  /** Ends the session, and the program of a server that was started here. */
  close(): Promise<void>;
}

export function createToolDoor(settings: ToolDoorSettings): ToolDoor {
  return new McpDoor(settings);
}

class McpDoor implements ToolDoor {
  readonly name: string;
  readonly tools: ReadonlyMap<string, RecordedTool>;
  private readonly settings: ToolDoorSettings;
  private session: Promise<ToolSession> | undefined;
  private over = false;

  constructor(settings: ToolDoorSettings) {
    this.settings = settings;
    this.name = settings.name;
    this.tools = settings.tools;
  }

  async call(tool: string, input: JsonMap, call: ToolCall): Promise<Json> {
    const shown = `${this.name}.${tool}`;
    const recorded = this.tools.get(tool);
    const session = await this.open();
    checkShape(this.settings, tool, recorded, await session.tools());
    const answer = await session.call(tool, input, call);
    return resultOf(shown, recorded?.output ?? null, answer);
  }

  async list(): Promise<readonly Tool[]> {
    const session = await this.open();
    return session.tools();
  }

  async close(): Promise<void> {
    this.over = true;
    const session = await this.session?.catch(() => undefined);
    await session?.close();
  }

  /** The session that there is, or a new one: a session that ended, or could not be opened, is forgotten. */
  private open(): Promise<ToolSession> {
    if (this.over) throw failure('unreachable', `the connection "${this.name}" is closed: the worker is ending`);
    if (this.session !== undefined) return this.session;
    const opening = import('./mcp-session.js').then(({ openSession }) => openSession(this.settings));
    this.session = opening;
    const forget = (): void => {
      if (this.session === opening) this.session = undefined;
    };
    opening.then(({ ended }) => ended.then(forget), forget);
    return opening;
  }
}

/** Nobody has looked at what a definition's arguments mean to a tool that has changed since. */
function checkShape(
  { name, toolsName }: ToolDoorSettings,
  tool: string,
  recorded: RecordedTool | undefined,
  tools: readonly Tool[],
): void {
  const now = tools.find((one) => one.name === tool);
  if (now !== undefined && recorded !== undefined && shapeOf(now) === recorded.shape) return;
  const what =
    recorded === undefined
      ? `${toolsName} of this worker has no tool "${tool}"`
      : now === undefined
        ? `the server of "${name}" has no tool "${tool}" any more`
        : `the tool "${tool}" of "${name}" is another one than ${toolsName} says`;
  const hint = `run \`firn connections introspect ${name}\`, look at what has changed, and validate the definitions that use it`;
  throw failure('invalid', `${what}; ${hint}`);
}

/** The structured content where some is declared, else the texts, joined. */
function resultOf(shown: string, output: JsonMap | null, { text, structured, isError }: ToolAnswer): Json {
  if (isError) throw failure('rejected', `${shown} says no: ${text === '' ? 'it gives no reason' : text}`);
  if (output === null) return { text };
  if (structured === undefined) {
    throw failure('unexpected', `${shown} gave no structured content, and its server declares that it does`);
  }
  const [first] = validateValue(output, structured, 'the result');
  if (first !== undefined) throw failure('unexpected', `${shown} gave something else than it declares: ${first}`);
  return withoutNulls(structured);
}
