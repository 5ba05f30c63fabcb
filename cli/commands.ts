/**
 * The list of commands: what each is called, what it takes, and the file that does it.
 *
 * HOST. Nothing is loaded here but commander: a command's file is loaded when it is called.
 */
import { Option } from 'commander';
import type { CommonOptions } from './main.js';
import type { ExitCode, Terminal } from './terminal.js';

type Handler = (
  terminal: Terminal,
  options: CommonOptions & Record<string, unknown>,
  args: readonly string[],
) => Promise<ExitCode>;
type Loader = () => Promise<{ readonly run: Handler }>;

export interface Described {
  readonly usage: string;
  readonly about: string;
  readonly options?: readonly Option[];
  readonly load: Loader;
}

const duration = '30s, 10m, 2h';
const by = (): Option => new Option('--by <person>', 'who decides (default: FIRN_USER, else your login name)');
const filled = (): readonly Option[] => [
  new Option('--value <name=value...>', 'a field, or several'),
  new Option('--values <json>', 'all fields as one JSON object'),
];
const because = (): Option => new Option('--because <text>', 'why; shown to whoever reads the run');
const waits = (): Option =>
  new Option('--wait <duration>', `wait on for a person's decision, at most so long (${duration})`);

export const COMMANDS: readonly Described[] = [
  {
    usage: 'validate [files...]',
    about: 'check definitions: all problems at once, and what each may do',
    options: [
      new Option('--format <format>', 'for people, for programs, as GitHub annotations, as SARIF 2.1.0')
        .choices(['text', 'json', 'github', 'sarif'])
        .default('text'),
      new Option('--explain', 'say in sentences what each definition does, as `explain` does').default(false),
    ],
    load: () => import('./commands/validate.js'),
  },
  {
    usage: 'explain <flow>',
    about: 'a definition in plain English: what it does, whom it asks, what it can do at the most',
    load: () => import('./commands/explain.js'),
  },
  {
    usage: 'graph <flow>',
    about: 'draw a definition, or the way that a finished run took through it',
    options: [
      new Option('--format <format>', 'a page draws mermaid; svg is a picture; dot is for Graphviz')
        .choices(['mermaid', 'svg', 'dot'])
        .default('mermaid'),
      new Option('--out <file>', 'write it there instead of printing it'),
      new Option('--ticket <ticket>', 'colour the way that this run took'),
    ],
    load: () => import('./commands/graph.js'),
  },
  {
    usage: 'fmt [files...]',
    about: 'lay out definitions, policies and tests alike; what they mean and every comment stay',
    options: [
      new Option('--check', 'write nothing; name the files that are laid out otherwise, and exit 1').default(false),
    ],
    load: () => import('./commands/fmt.js'),
  },
  {
    usage: 'schema',
    about: 'the JSON Schema by which an editor completes and checks',
    options: [
      new Option('--for <file>', 'which file').choices(['flow', 'tests', 'policy', 'project']).default('flow'),
      new Option('--out <file>', 'write it there instead of printing it'),
    ],
    load: () => import('./commands/schema.js'),
  },
  {
    usage: 'test [files...]',
    about: 'run *.test.yaml on the test host: no server, no database, no model',
    options: [
      new Option('--only <text>', 'only cases whose name contains it'),
      new Option('--watch', 'go on, and run again what a change can have changed').default(false),
      new Option('--update', 'keep what cases with `snapshot: true` do now').default(false),
      new Option('--coverage [percent]', 'say what no case goes through; below the percentage, exit 1'),
      new Option('--junit <file>', 'write the results there as JUnit XML'),
    ],
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
    usage: 'answer <ticket> [answer]',
    about: 'answer the question a run waits with, fill in a form, or close what a run left for its owner, with a note',
    options: [by(), because(), new Option('--item <step>', 'which question, when several wait'), ...filled()],
    load: () => import('./commands/answer.js'),
  },
  {
    usage: 'send <ticket> <message>',
    about: 'send a run a message that it receives',
    options: filled(),
    load: () => import('./commands/send.js'),
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
  {
    usage: 'schedules',
    about: 'what starts runs by the clock, and when next',
    load: () => import('./commands/schedules.js'),
  },
  { usage: 'worker', about: 'run a worker in the foreground', load: () => import('./commands/worker.js') },
  { usage: 'doctor', about: 'check this machine and project', load: () => import('./commands/doctor.js') },
];
