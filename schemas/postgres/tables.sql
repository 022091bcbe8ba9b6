-- The image's rows, in the schema {tables}. Read them through the schema reporting, which has stable names and
-- comments. Days without an end are 'infinity', so that a day is picked with two comparisons.
-- Keys and indexes are in indexes.sql, made after the first rows are in.

CREATE TABLE {tables}.ledger (
    origin text NOT NULL, definition text NOT NULL, claims_stand_after_days integer, simulated_clock boolean NOT NULL);

CREATE TABLE {tables}.units (
    id text NOT NULL, kind text NOT NULL, code text, formed date NOT NULL,
    ended date, ended_how text, ended_by text, whole_successor text);
CREATE TABLE {tables}.unit_names (unit text NOT NULL, from_day date NOT NULL, until_day date NOT NULL, name text NOT NULL);
CREATE TABLE {tables}.unit_parents (unit text NOT NULL, from_day date NOT NULL, until_day date NOT NULL, parent text);
CREATE TABLE {tables}.unit_successions (
    unit text NOT NULL, ordinal integer NOT NULL, successor text NOT NULL, on_day date NOT NULL,
    extent text NOT NULL, ceded boolean NOT NULL);

CREATE TABLE {tables}.groups (id text NOT NULL, name text NOT NULL);
CREATE TABLE {tables}.group_members (group_id text NOT NULL, unit text NOT NULL, from_day date NOT NULL, until_day date NOT NULL);

CREATE TABLE {tables}.documents (
    id text NOT NULL, title text NOT NULL, number text, kind text NOT NULL, issuer text, date date, subject text,
    secret boolean NOT NULL, known date NOT NULL, ended date, ended_how text, corrections integer NOT NULL);
CREATE TABLE {tables}.relations (
    document text NOT NULL, ordinal integer NOT NULL, from_day date NOT NULL, relation text NOT NULL,
    to_document text NOT NULL, carries_down boolean NOT NULL);

CREATE TABLE {tables}.requirements (
    id text NOT NULL, document text NOT NULL, kind text NOT NULL, title text NOT NULL, cadence text NOT NULL,
    via text, assigner text, host text, set_on date NOT NULL, ended date);
CREATE TABLE {tables}.tasks (
    id text NOT NULL, document text NOT NULL, title text NOT NULL, assigner text, assigned date NOT NULL,
    due date, due_set_on date, due_set date, owed_by integer NOT NULL);

CREATE TABLE {tables}.openings (
    position bigint NOT NULL, kind text NOT NULL, source text NOT NULL, period text, window_from date, window_to date,
    document text NOT NULL, assigner text, opened date NOT NULL, due date, due_set_on date, due_set date,
    silence_days integer, synthetic boolean NOT NULL);
CREATE TABLE {tables}.obligations (number integer NOT NULL, id text NOT NULL, opening bigint NOT NULL, unit text NOT NULL);

-- Phases and acts are nearly all of the rows: columns of one width stand together, wide ones first.
CREATE TABLE {tables}.phases (
    number integer NOT NULL, from_day date NOT NULL, until_day date NOT NULL, owed_since date NOT NULL,
    due date, original_due date, fulfilled date, released date, undated_done boolean NOT NULL,
    current_until text NOT NULL, current_after text NOT NULL, original_until text NOT NULL, original_after text NOT NULL,
    unit text NOT NULL)
    WITH (fillfactor = 90);
CREATE TABLE {tables}.acts (
    position bigint NOT NULL, number integer NOT NULL, on_day date NOT NULL, recorded_on date NOT NULL,
    day date, undoes integer, synthetic boolean NOT NULL, kind text NOT NULL);

CREATE TABLE {tables}.inspections (
    id text NOT NULL, kind text NOT NULL, by_unit text NOT NULL, title text NOT NULL, window_from date NOT NULL,
    window_to date NOT NULL, opened date NOT NULL, concluded date);
CREATE TABLE {tables}.inspected (inspection text NOT NULL, unit text NOT NULL);
CREATE TABLE {tables}.findings (
    inspection text NOT NULL, number integer NOT NULL, unit text NOT NULL, obligations integer NOT NULL, follow_ups integer NOT NULL);

CREATE TABLE {tables}.calendar_days (
    year integer NOT NULL, version integer NOT NULL, day date NOT NULL, kind text NOT NULL, name text NOT NULL, certainty text NOT NULL);

-- The projector writes rows and makes nothing; the reader reads through reporting only.
GRANT USAGE ON SCHEMA {tables} TO socai_projector;
GRANT SELECT, INSERT, DELETE ON ALL TABLES IN SCHEMA {tables} TO socai_projector;
