-- Answers to questions, one row per question asked, and what people made of them later.
create table firn_decision (
  key           text primary key,
  ticket        text not null,
  workflow      text not null,
  step          text not null,
  question_hash text,
  features      json,
  text          text,
  text_hash     text,
  -- Null: no rung accepted.
  answer        text,
  rung          text,
  rule          text,
  probability   double precision,
  probabilities json,
  why           text,
  model_sha256  text,
  model_ms      double precision,
  recorded_at   timestamptz not null default clock_timestamp(),
  person_answer text,
  person        text,
  person_at     timestamptz
);
create index firn_decision_question on firn_decision (question_hash, recorded_at desc);
create index firn_decision_ticket on firn_decision (ticket, recorded_at);
