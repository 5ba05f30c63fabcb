/**
 * Problems for programs that annotate sources: GitHub's workflow commands, and SARIF 2.1.0.
 *
 * HOST. Both name files relative to the folder that the command runs in, because there the repository begins for whoever
 * reads them; a problem's own file is relative to its project.
 */
import { existsSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { CATALOGUE } from '../language/plan/catalogue.js';
import type { JsonMap } from '../language/plan/json.js';
import type { Problem } from '../language/plan/problem.js';
import { VERSION } from './version.js';

/** `::error file=…,line=…,col=…,endColumn=…,title=FIRN204::message`: GitHub shows it beside the line. */
export function githubLine(problem: Problem, directory: string): string {
  const { severity, line, column, length, code, path, message, hint } = problem;
  const place = [
    `file=${property(fileOf(problem, directory))}`,
    `line=${line}`,
    `col=${column}`,
    `endColumn=${column + length - 1}`,
    `title=${property(code)}`,
  ];
  const said = `${path === '' ? '' : `${path}: `}${message}${hint === undefined ? '' : `\nhint: ${hint}`}`;
  return `::${severity} ${place.join(',')}::${data(said)}`;
}

/** A SARIF log of one run, with the rules that it names. `sources` are texts by a problem's file. */
export function sarifLog(
  problems: readonly Problem[],
  sources: ReadonlyMap<string, string>,
  directory: string,
): JsonMap {
  const codes = [...new Set(problems.map(({ code }) => code))].sort();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'firn',
            version: VERSION,
            rules: codes.map((code) => ({ id: code, shortDescription: { text: CATALOGUE[code] } })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: problems.map((problem) => ({
          ruleId: problem.code,
          ruleIndex: codes.indexOf(problem.code),
          level: problem.severity,
          message: { text: problem.hint === undefined ? problem.message : `${problem.message}\nhint: ${problem.hint}` },
          locations: [locationOf(problem, sources.get(problem.file), directory)],
        })),
      },
    ],
  };
}

function locationOf(problem: Problem, source: string | undefined, directory: string): JsonMap {
  const { line, column, length, path } = problem;
  const text = source?.split('\n')[line - 1]?.replace(/\r$/, '');
  const uri = fileOf(problem, directory).split('/').map(encodeURIComponent).join('/');
  return {
    physicalLocation: {
      artifactLocation: { uri },
      region: { startLine: line, startColumn: column, endColumn: column + length },
      ...(text === undefined ? {} : { contextRegion: { startLine: line, snippet: { text } } }),
    },
    ...(path === '' ? {} : { logicalLocations: [{ fullyQualifiedName: path }] }),
  };
}

function fileOf({ file }: Problem, directory: string): string {
  const absolute = resolve(directory, file);
  return existsSync(absolute) ? relative(resolve('.'), absolute).split(sep).join('/') : file;
}

/** What would end a command or a property early is escaped, as GitHub's own toolkit does. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
