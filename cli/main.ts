/**
 * The command `firn`: reads the command line and hands over to one file per command.
 *
 * HOST. Only this file ends the process. Heavy modules (Temporal, PostgreSQL, the compiler) are loaded by the command
 * that needs them, so that `firn --help` answers at once.
 */
import { Command, CommanderError } from 'commander';
import { COMMANDS } from './commands.js';
import { CommandError, EXIT, Terminal, type ExitCode } from './terminal.js';
import { VERSION } from './version.js';

export interface CommonOptions {
  readonly json: boolean;
  /** Folder with firn.yaml. */
  readonly directory: string;
}

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
        const terminal = new Terminal(json || options['format'] === 'sarif');
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
