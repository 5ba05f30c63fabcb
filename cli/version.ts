/** The version of this package, as its package.json says. HOST. */
import { readFileSync } from 'node:fs';

function read(): string {
  for (const place of ['../package.json', '../../package.json']) {
    try {
      const parsed: unknown = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8'));
      if (
        typeof parsed === 'object' &&
        parsed !== null &&
        'name' in parsed &&
        parsed.name === 'firnflow' &&
        'version' in parsed
      ) {
        return String(parsed.version);
      }
    } catch {
      // Not there: run from source or from the build, one of the two places fits.
    }
  }
  return 'unknown';
}

export const VERSION = read();
