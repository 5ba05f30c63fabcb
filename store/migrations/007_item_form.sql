-- What a person filled in, of an item that asks for fields.
alter table firn_item add column filled json;
