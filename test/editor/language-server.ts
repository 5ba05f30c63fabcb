/**
 * The YAML language server that editors run, as a child process: spoken to over its standard input and output, as VS Code
 * does. Not a test itself.
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { isJson, isJsonMap, type Json, type JsonMap } from '../../language/plan/json.js';

const PROGRAM = createRequire(import.meta.url).resolve('yaml-language-server/bin/yaml-language-server');
/** An answer that takes longer hangs. */
const HANG_MS = 30_000;

export interface Diagnostic {
  readonly line: number;
  readonly message: string;
}

export interface Completion {
  readonly label: string;
  readonly insertText: string;
  readonly documentation: string;
}

/** A position of a text: line and column from 0. */
export interface Spot {
  readonly line: number;
  readonly character: number;
}

export class LanguageServer {
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly settings: JsonMap;
  private readonly waiting = new Map<number, (answer: JsonMap) => void>();
  private readonly told = new Map<string, (diagnostics: readonly Diagnostic[]) => void>();
  private received = Buffer.alloc(0);
  private count = 0;

  /** `schemas`: for files whose name fits (`*.flow.yaml`), the schema in this file. */
  constructor(schemas: Readonly<Record<string, string>>) {
    const named = Object.entries(schemas).map(([pattern, file]) => [pathToFileURL(file).href, [pattern]] as const);
    this.settings = {
      yaml: {
        schemas: Object.fromEntries(named),
        schemaStore: { enable: false },
        validate: true,
        completion: true,
        hover: true,
        yamlVersion: '1.2',
      },
      http: { proxy: '', proxyStrictSSL: true },
    };
    this.child = spawn(process.execPath, [PROGRAM, '--stdio'], { stdio: 'pipe' });
    this.child.stdout.on('data', (data: Buffer) => this.receive(data));
  }

  async start(): Promise<void> {
    const capabilities = {
      textDocument: {
        completion: { completionItem: { snippetSupport: true, documentationFormat: ['markdown', 'plaintext'] } },
        hover: { contentFormat: ['markdown', 'plaintext'] },
        publishDiagnostics: {},
      },
      workspace: { configuration: true, didChangeConfiguration: { dynamicRegistration: true } },
    };
    await this.ask('initialize', { processId: process.pid, rootUri: null, capabilities, workspaceFolders: null });
    this.tell('initialized', {});
    this.tell('workspace/didChangeConfiguration', { settings: this.settings });
  }

  async stop(): Promise<void> {
    const ended = new Promise((done) => this.child.once('exit', done));
    await this.ask('shutdown', null);
    this.tell('exit', null);
    this.child.kill();
    await ended;
  }

  /** Opens a text under a name of its own and gives what is underlined in it. */
  async open(
    name: string,
    text: string,
  ): Promise<{ readonly uri: string; readonly diagnostics: readonly Diagnostic[] }> {
    this.count += 1;
    const uri = `file:///project/${this.count}/${name}`;
    const diagnostics = this.within(`diagnostics of ${name}`, (done: (all: readonly Diagnostic[]) => void) => {
      this.told.set(uri, done);
    });
    this.tell('textDocument/didOpen', { textDocument: { uri, languageId: 'yaml', version: 1, text } });
    return { uri, diagnostics: await diagnostics };
  }

  async complete(uri: string, position: Spot): Promise<readonly Completion[]> {
    const { result } = await this.ask('textDocument/completion', { textDocument: { uri }, position: { ...position } });
    const items = isJsonMap(result) ? result['items'] : result;
    return (Array.isArray(items) ? items : []).filter(isJsonMap).map((item) => ({
      label: textOf(item['label']),
      insertText: textOf(item['insertText']),
      documentation: markdownOf(item['documentation']),
    }));
  }

  async hover(uri: string, position: Spot): Promise<string> {
    const { result } = await this.ask('textDocument/hover', { textDocument: { uri }, position: { ...position } });
    return isJsonMap(result) ? markdownOf(result['contents']) : '';
  }

  private async ask(method: string, params: Json): Promise<JsonMap> {
    this.count += 1;
    const id = this.count;
    const answer = this.within(method, (done: (message: JsonMap) => void) => this.waiting.set(id, done));
    this.write({ jsonrpc: '2.0', id, method, params });
    return answer;
  }

  private tell(method: string, params: Json): void {
    this.write({ jsonrpc: '2.0', method, params });
  }

  private write(message: JsonMap): void {
    const body = JSON.stringify(message);
    this.child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  private receive(data: Buffer): void {
    this.received = Buffer.concat([this.received, data]);
    for (;;) {
      const end = this.received.indexOf('\r\n\r\n');
      const length = Number(/Content-Length: (\d+)/i.exec(this.received.toString('utf8', 0, Math.max(0, end)))?.[1]);
      if (end < 0 || this.received.length < end + 4 + length) return;
      const body: unknown = JSON.parse(this.received.toString('utf8', end + 4, end + 4 + length));
      this.received = this.received.subarray(end + 4 + length);
      if (isJson(body) && isJsonMap(body)) this.hear(body);
    }
  }

  private hear(message: JsonMap): void {
    const { id, method, params } = message;
    if (method === undefined && typeof id === 'number') {
      this.waiting.get(id)?.(message);
      this.waiting.delete(id);
    } else if (method === 'textDocument/publishDiagnostics' && isJsonMap(params)) {
      this.told.get(textOf(params['uri']))?.(diagnosticsOf(params['diagnostics']));
    } else if (method !== undefined && id !== undefined) {
      this.write({ jsonrpc: '2.0', id, result: this.answerTo(textOf(method), params) });
    }
  }

  private answerTo(method: string, params: Json | undefined): Json {
    if (method !== 'workspace/configuration' || !isJsonMap(params) || !Array.isArray(params['items'])) return null;
    return params['items'].map((item: Json) =>
      isJsonMap(item) ? (this.settings[textOf(item['section'])] ?? null) : null,
    );
  }

  private within<Answer>(what: string, begin: (done: (answer: Answer) => void) => void): Promise<Answer> {
    return new Promise((done, fail) => {
      const timer = setTimeout(() => fail(new Error(`no answer: ${what}`)), HANG_MS);
      begin((answer) => {
        clearTimeout(timer);
        done(answer);
      });
    });
  }
}

function diagnosticsOf(all: Json | undefined): readonly Diagnostic[] {
  return (Array.isArray(all) ? all : []).filter(isJsonMap).map((one) => {
    const range = isJsonMap(one['range']) ? one['range'] : {};
    const start = isJsonMap(range['start']) ? range['start'] : {};
    return { line: Number(start['line']), message: textOf(one['message']) };
  });
}

function markdownOf(value: Json | undefined): string {
  return isJsonMap(value) ? textOf(value['value']) : textOf(value);
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
