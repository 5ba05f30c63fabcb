-- Messages to people, written down before they are sent; a retry sends the same bytes under the same key.
create table firn_message (
  key       text primary key,
  ticket    text not null,
  who       text not null,
  recipient text,
  via       text not null,
  subject   text,
  text      text not null,
  digest    text not null,
  status    text not null check (status in ('sending', 'sent', 'failed', 'unknown')),
  problem   text,
  opened_at timestamptz not null default clock_timestamp(),
  at        timestamptz
);
create index firn_message_ticket on firn_message (ticket, opened_at);
