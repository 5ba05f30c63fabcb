/**
 * The badge printer of this project: it prints every file that lies in its folder.
 *
 * BADGE_FOLDER names that folder; without it the files lie in `.firn/badges` of the project. A file is named after the
 * number of its badge, and the number is made of the ticket, so that asking twice is as asking once.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';

const NUMBER = /^B-[0-9]{9}$/;

/** @returns {string} read when it is needed, so that a test can choose the folder */
function folder() {
  return resolve(process.env.BADGE_FOLDER || join(import.meta.dirname, '..', '..', '.firn', 'badges'));
}

/** Eight digits of the ticket's digest, and one by which a reader sees that none was misread (Luhn). */
function numberOf(ticket) {
  const digest = createHash('sha256').update(ticket).digest();
  const digits = String(digest.readUInt32BE(0) % 100_000_000).padStart(8, '0');
  const sum = [...digits].reverse().reduce((total, digit, index) => {
    const value = index % 2 === 0 ? Number(digit) * 2 : Number(digit);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return `B-${digits}${(10 - (sum % 10)) % 10}`;
}

const ESCAPES = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;', "'": '&#39;' };

function escaped(text) {
  return text.replaceAll(/[<>&"']/g, (character) => ESCAPES[character]);
}

export const makeBadge = {
  name: 'make_badge',
  about: "Draws a badge and lays it into the printer's folder",
  effect: 'repeatable',
  takes: { ticket: 'string', name: 'string', department: 'string' },
  gives: { number: 'string' },
  run({ ticket, name, department }) {
    const number = numberOf(ticket);
    const lines = [
      '<svg xmlns="http://www.w3.org/2000/svg" width="86mm" height="54mm" viewBox="0 0 86 54" font-family="sans-serif">',
      `  <text x="6" y="18" font-size="6">${escaped(name)}</text>`,
      `  <text x="6" y="28" font-size="4">${escaped(department)}</text>`,
      `  <text x="6" y="46" font-size="5">${number}</text>`,
      '</svg>',
    ];
    const file = join(folder(), `${number}.svg`);
    mkdirSync(folder(), { recursive: true });
    // Under its name only when it is whole: the printer may look at any moment.
    writeFileSync(`${file}.part`, `${lines.join('\n')}\n`);
    renameSync(`${file}.part`, file);
    return { number };
  },
};

export const voidBadge = {
  name: 'void_badge',
  about: "Takes a badge out of the printer's folder",
  effect: 'repeatable',
  takes: { number: 'string' },
  gives: { number: 'string' },
  run({ number }) {
    // It becomes part of a path.
    if (!NUMBER.test(number)) throw new Error(`"${number}" is no number of a badge`);
    rmSync(join(folder(), `${number}.svg`), { force: true });
    return { number };
  },
};
