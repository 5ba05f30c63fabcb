/** A ticket that no run has: said alike by every command that takes one. HOST. */
import { ticketChecks } from '../language/plan/ticket.js';
import { CommandError, EXIT } from './terminal.js';

export function unknownTicket(ticket: string): CommandError {
  const hint = ticketChecks(ticket)
    ? 'firn list shows the newest ones'
    : 'its check character does not fit: was it mistyped? firn list shows the newest ones';
  return new CommandError(EXIT.failed, 'not_found', `no run has the ticket "${ticket}"`, hint);
}
