/**
 * The command `firn`: reads the command line and hands over to one file per command.
 *
 * HOST. Only this file ends the process. Heavy modules (Temporal, PostgreSQL, the compiler) are loaded by the command
 * that needs them, so that `firn --help` answers at once.
 */
import { Command, CommanderError, Option } from 'commander';
import { CommandError, EXIT, Terminal, type ExitCode } from './terminal.js';
import { VERSION } from './version.js';

export interface CommonOptions {
  readonly json: boolean;
  /** Folder with firn.yaml. */
  readonly directory: string;
}

type Handler = (
  terminal: Terminal,
  options: CommonOptions & Record<string, unknown>,
  args: readonly string[],
) => Promise<ExitCode>;
type Loader = () => Promise<{ readonly run: Handler }>;

interface Described {
  readonly usage: string;
  readonly about: string;
  readonly options?: readonly Option[];
  readonly load: Loader;
}

const duration = '30s, 10m, 2h';
const by = (): Option => new Option('--by <person>', 'who decides (default: FIRN_USER, else your login name)');
const because = (): Option => new Option('--because <text>', 'why; shown to whoever reads the run');
const waits = (): Option =>
  new Option('--wait <duration>', `wait on for a person's decision, at most so long (${duration})`);

const COMMANDS: readonly Described[] = [
  {
    usage: 'validate [files...]',
    about: 'check definitions: all problems at once, and what each may do',
    options: [new Option('--format <format>', 'how to print').choices(['text', 'json']).default('text')],
    load: () => import('./commands/validate.js'),
  },
  {
    usage: 'test [files...]',
    about: 'run *.test.yaml on the test host: no server, no database, no model',
    options: [new Option('--only <text>', 'only cases whose name contains it')],
    load: () => import('./commands/test.js'),
  },
  {
    usage: 'run <workflow>',
    about: 'start a run and follow it until it ends or waits for a person',
    options: [
      new Option('--input <json>', 'the input, as JSON'),
      new Option('--input-file <file>', 'the input, from a JSON or YAML file'),
      new Option('--ticket <ticket>', 'your own ticket; the same one never runs twice'),
      waits(),
      new Option('--each <file>', 'one run per line of a JSONL file'),
      new Option('--map <names...>', 'with --each: input=column, and so on; other columns go into the summary'),
      new Option(
        '--expect <pairs...>',
        'with --each: output=FILE to compare with (JSONL with that column, or YAML {column, values})',
      ),
      new Option('--limit <n>', 'with --each: only the first n lines'),
      new Option('--at-once <n>', 'with --each: runs at the same time').default('8'),
    ],
    load: () => import('./commands/run.js'),
  },
  {
    usage: 'start <workflow>',
    about: 'start a run and print its ticket',
    options: [
      new Option('--input <json>', 'the input, as JSON'),
      new Option('--input-file <file>', 'the input, from a JSON or YAML file'),
      new Option('--ticket <ticket>', 'your own ticket; the same one never runs twice'),
    ],
    load: () => import('./commands/start.js'),
  },
  {
    usage: 'result <ticket>',
    about: 'the result of a run, as `run` prints it',
    options: [waits()],
    load: () => import('./commands/result.js'),
  },
  {
    usage: 'show <ticket>',
    about: 'the story of a run, also after Temporal has forgotten it',
    load: () => import('./commands/show.js'),
  },
  {
    usage: 'list',
    about: 'runs, newest first',
    options: [
      new Option('--workflow <name>', 'only this definition'),
      new Option('--outcome <outcome>', 'only these').choices([
        'done',
        'refused',
        'handed_over',
        'failed',
        'cancelled',
        'waiting',
        'running',
      ]),
      new Option('--limit <n>', 'at most so many').default('20'),
    ],
    load: () => import('./commands/list.js'),
  },
  {
    usage: 'inbox',
    about: 'what waits for a person, and how to answer it',
    options: [new Option('--role <role>', 'only this role')],
    load: () => import('./commands/inbox.js'),
  },
  {
    usage: 'answer <ticket> <answer>',
    about: 'answer the question a run waits with, or close what a run left for its owner, with a note',
    options: [by(), because(), new Option('--item <step>', 'which question, when several wait')],
    load: () => import('./commands/answer.js'),
  },
  {
    usage: 'approve <ticket>',
    about: 'say yes to exactly what is shown',
    options: [by(), because(), new Option('--item <step>', 'which approval, when several wait')],
    load: () => import('./commands/approve.js'),
  },
  {
    usage: 'reject <ticket>',
    about: 'say no; a reason is required',
    options: [by(), because(), new Option('--item <step>', 'which approval, when several wait')],
    load: () => import('./commands/reject.js'),
  },
  {
    usage: 'cancel <ticket>',
    about: 'cancel a run; what has an undo is undone',
    load: () => import('./commands/cancel.js'),
  },
  {
    usage: 'hand-over <ticket>',
    about: 'end a run and put it before its owner',
    options: [by(), because()],
    load: () => import('./commands/hand-over.js'),
  },
  {
    usage: 'connections <action> <name>',
    about:
      'introspect: write the columns file from the database; prepare: create the table that makes effects happen once',
    options: [new Option('--print', 'print instead of writing or running')],
    load: () => import('./commands/connections.js'),
  },
  { usage: 'worker', about: 'run a worker in the foreground', load: () => import('./commands/worker.js') },
  { usage: 'doctor', about: 'check this machine and project', load: () => import('./commands/doctor.js') },
];

function build(finish: (code: ExitCode) => void): Command {
  const program = new Command('firn');
  program
    .description('Workflows in YAML, executed by Temporal, with a small model only where a text decides.')
    .version(VERSION)
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({ writeOut: (text) => process.stdout.write(text), writeErr: (text) => process.stderr.write(text) })
    .addHelpText(
      'after',
      '\nExit codes: 0 ok, 1 the run or test did not succeed, 2 usage or invalid definition, 3 still waiting, 4 unreachable, 130 interrupted.',
    );
  for (const described of COMMANDS) {
    const command = program.command(described.usage).description(described.about).exitOverride();
    for (const option of described.options ?? []) command.addOption(option);
    command
      .option('--json', 'print one JSON document on stdout and nothing else there', false)
      .option('-C, --directory <folder>', 'the project: the folder with firn.yaml', process.cwd())
      .allowExcessArguments(false)
      .action(async () => {
        const options = command.opts<CommonOptions & Record<string, unknown>>();
        const json = options.json || options['format'] === 'json';
        const terminal = new Terminal(json);
        const { run } = await described.load();
        finish(await run(terminal, { ...options, json }, command.args));
      });
  }
  return program;
}

function explain(error: unknown, json: boolean): ExitCode {
  const terminal = new Terminal(json);
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.ok;
    terminal.document({ ok: false, error: { code: 'usage', message: error.message.replace(/^error: /, '') } });
    return EXIT.usage;
  }
  const known = error instanceof CommandError ? error : recognise(error);
  if (known !== undefined) {
    terminal.document({
      ok: false,
      error: { code: known.code, message: known.message, ...(known.hint === undefined ? {} : { hint: known.hint }) },
    });
    terminal.note(
      `${terminal.colors.red('error:')} ${known.message}${known.hint === undefined ? '' : `\nhint: ${known.hint}`}`,
    );
    return known.exit;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  terminal.document({
    ok: false,
    error: { code: 'bug', message: error instanceof Error ? error.message : String(error) },
  });
  terminal.note(`firn has a bug here; nothing of your run is lost. Please report this:\n${text}`);
  return EXIT.failed;
}

/** Failures of the layers below, by their code: the classes of the client are not loaded for it. */
function recognise(error: unknown): CommandError | undefined {
  if (!(error instanceof Error)) return undefined;
  const code: unknown = Reflect.get(error, 'code');
  if (typeof code !== 'string' || (error.name !== 'Failure' && error.name !== 'FirnError')) return undefined;
  if (code === 'unreachable') return new CommandError(EXIT.unreachable, code, error.message);
  const before = ['invalid_input', 'unknown_workflow', 'invalid_ticket', 'ticket_used'].includes(code);
  return new CommandError(before ? EXIT.usage : EXIT.failed, code, error.message);
}

/** `firn list | head`: whoever reads may stop reading; that is no error. */
function letReadersGo(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? EXIT.ok);
    throw error;
  });
}

async function main(): Promise<void> {
  letReadersGo();
  const argv = process.argv.slice(2);
  const json =
    argv.includes('--json') ||
    argv.some((word, index) => word === 'json' && argv[index - 1] === '--format') ||
    argv.includes('--format=json');
  let code: ExitCode = EXIT.ok;
  try {
    const program = build((given) => {
      code = given;
    });
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    code = explain(error, json);
  }
  process.exitCode = code;
}

await main();
