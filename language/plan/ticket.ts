/**
 * Tickets: the public names of runs, and the workflow ids Temporal knows them by.
 *
 * PURE: randomness comes in as bytes. `refund-7K3M9-QXA4T`: Crockford base 32, nine random characters and a check
 * character (their values weighted by place, modulo 31, a prime, so that one wrong or two swapped characters show).
 */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Bytes of randomness that `makeTicket` takes. */
export const TICKET_BYTES = 9;

/** What a caller's own ticket must match. */
export const TICKET_PATTERN = /^[A-Za-z0-9._:-]{1,100}$/;

export function makeTicket(workflow: string, random: Uint8Array): string {
  const characters = Array.from(random.slice(0, TICKET_BYTES), (byte) => ALPHABET.charAt(byte % 32)).join('');
  const code = characters + checkCharacter(characters);
  return `${workflow}-${code.slice(0, 5)}-${code.slice(5)}`;
}

/** False for a text that looks like one of our tickets but was mistyped; true for anything else. */
export function ticketChecks(ticket: string): boolean {
  const match = /-([0-9A-HJKMNP-TV-Z]{5})-([0-9A-HJKMNP-TV-Z]{5})$/.exec(ticket.toUpperCase());
  if (match === null) return true;
  const code = `${match[1] ?? ''}${match[2] ?? ''}`;
  return checkCharacter(code.slice(0, TICKET_BYTES)) === code.charAt(TICKET_BYTES);
}

function checkCharacter(characters: string): string {
  let sum = 0;
  for (let place = 0; place < characters.length; place += 1) {
    sum += (place + 1) * ALPHABET.indexOf(characters.charAt(place));
  }
  return ALPHABET.charAt(sum % 31);
}
