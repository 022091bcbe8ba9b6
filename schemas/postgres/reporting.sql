-- What Grafana and analysts read: views and functions with stable names, a comment on each and on each column.
-- {reporting} is the schema they are made in, {tables} the one that they read. New tables come with new views, and
-- the schema is then renamed: everything here is bound when it is made (functions have atomic bodies), so that a
-- name in a body cannot lead to other tables. A change here is a change of the layout: see layout.rs.
-- Views read the tables as their owner does; whoever may read this schema needs nothing else.

CREATE VIEW {reporting}.ledger AS
SELECT l.* FROM {tables}.ledger l;
COMMENT ON VIEW {reporting}.ledger IS 'The ledger itself: one row.';
COMMENT ON COLUMN {reporting}.ledger.origin IS 'Whose ledger it is.';
COMMENT ON COLUMN {reporting}.ledger.definition IS 'The version of the definitions by which it counts.';
COMMENT ON COLUMN {reporting}.ledger.claims_stand_after_days IS 'A claim that nobody answers stands after so many days; NULL: never.';
COMMENT ON COLUMN {reporting}.ledger.simulated_clock IS 'Recorded times are simulated: a demonstration or a test, never evidence.';

CREATE VIEW {reporting}.units AS
SELECT u.id, (SELECT n.name FROM {tables}.unit_names n WHERE n.unit = u.id AND n.until_day = 'infinity') AS name,
       u.kind, u.code, (SELECT p.parent FROM {tables}.unit_parents p WHERE p.unit = u.id AND p.until_day = 'infinity') AS parent,
       u.formed, u.ended, u.ended_how, u.ended_by, u.whole_successor
  FROM {tables}.units u;
COMMENT ON VIEW {reporting}.units IS 'Organisations, ended ones included, as they are last known.';
COMMENT ON COLUMN {reporting}.units.id IS 'The unit. It keeps its id when it is renamed.';
COMMENT ON COLUMN {reporting}.units.name IS 'What it was called last.';
COMMENT ON COLUMN {reporting}.units.kind IS 'What sort of organisation it is.';
COMMENT ON COLUMN {reporting}.units.code IS 'An official code.';
COMMENT ON COLUMN {reporting}.units.parent IS 'The unit above it, as last known.';
COMMENT ON COLUMN {reporting}.units.formed IS 'The first day on which it exists.';
COMMENT ON COLUMN {reporting}.units.ended IS 'The first day without it; NULL while it lives.';
COMMENT ON COLUMN {reporting}.units.ended_how IS 'merged, divided or dissolved.';
COMMENT ON COLUMN {reporting}.units.ended_by IS 'The document that ordered its end.';
COMMENT ON COLUMN {reporting}.units.whole_successor IS 'The one unit that it went into as a whole.';

CREATE VIEW {reporting}.unit_names AS
SELECT n.* FROM {tables}.unit_names n;
COMMENT ON VIEW {reporting}.unit_names IS 'What units were called, each name over some days.';
COMMENT ON COLUMN {reporting}.unit_names.unit IS 'The unit.';
COMMENT ON COLUMN {reporting}.unit_names.from_day IS 'The first day of the name; the first name also stands before it.';
COMMENT ON COLUMN {reporting}.unit_names.until_day IS 'The first day after it; infinity where it stands.';
COMMENT ON COLUMN {reporting}.unit_names.name IS 'The name.';

CREATE VIEW {reporting}.unit_parents AS
SELECT p.* FROM {tables}.unit_parents p;
COMMENT ON VIEW {reporting}.unit_parents IS 'Under what units stood, each over some days.';
COMMENT ON COLUMN {reporting}.unit_parents.unit IS 'The unit.';
COMMENT ON COLUMN {reporting}.unit_parents.from_day IS 'The first day.';
COMMENT ON COLUMN {reporting}.unit_parents.until_day IS 'The first day after it; infinity where it stands.';
COMMENT ON COLUMN {reporting}.unit_parents.parent IS 'The unit above; NULL: none.';

CREATE VIEW {reporting}.unit_lineage AS
SELECT s.* FROM {tables}.unit_successions s;
COMMENT ON VIEW {reporting}.unit_lineage IS 'Where units, or parts of them, went.';
COMMENT ON COLUMN {reporting}.unit_lineage.unit IS 'The unit that ended or gave a part away.';
COMMENT ON COLUMN {reporting}.unit_lineage.ordinal IS 'Counts the rows of a unit, from 1.';
COMMENT ON COLUMN {reporting}.unit_lineage.successor IS 'The unit that follows.';
COMMENT ON COLUMN {reporting}.unit_lineage.on_day IS 'From which day.';
COMMENT ON COLUMN {reporting}.unit_lineage.extent IS 'whole or part.';
COMMENT ON COLUMN {reporting}.unit_lineage.ceded IS 'It was a part that went while the unit lived on.';

CREATE VIEW {reporting}.groups AS
SELECT g.* FROM {tables}.groups g;
COMMENT ON VIEW {reporting}.groups IS 'Named sets of units.';
COMMENT ON COLUMN {reporting}.groups.id IS 'The group.';
COMMENT ON COLUMN {reporting}.groups.name IS 'What it is called.';

CREATE VIEW {reporting}.group_members AS
SELECT m.* FROM {tables}.group_members m;
COMMENT ON VIEW {reporting}.group_members IS 'Who belonged to a group, over which days.';
COMMENT ON COLUMN {reporting}.group_members.group_id IS 'The group.';
COMMENT ON COLUMN {reporting}.group_members.unit IS 'The unit.';
COMMENT ON COLUMN {reporting}.group_members.from_day IS 'The first day.';
COMMENT ON COLUMN {reporting}.group_members.until_day IS 'The first day after it; infinity where it belongs still.';

CREATE VIEW {reporting}.documents AS
SELECT d.* FROM {tables}.documents d;
COMMENT ON VIEW {reporting}.documents IS 'Issued texts.';
COMMENT ON COLUMN {reporting}.documents.id IS 'The document. A number is not an identity.';
COMMENT ON COLUMN {reporting}.documents.title IS 'Type and number as people write them.';
COMMENT ON COLUMN {reporting}.documents.number IS 'As spelled in the document; NULL where it has none.';
COMMENT ON COLUMN {reporting}.documents.kind IS 'The type in words.';
COMMENT ON COLUMN {reporting}.documents.issuer IS 'The unit that issued it.';
COMMENT ON COLUMN {reporting}.documents.date IS 'Its date; NULL where it has none.';
COMMENT ON COLUMN {reporting}.documents.subject IS 'What it is about; never kept of a secret document.';
COMMENT ON COLUMN {reporting}.documents.secret IS 'Its content is kept elsewhere.';
COMMENT ON COLUMN {reporting}.documents.known IS 'The day on which the ledger holds it to exist.';
COMMENT ON COLUMN {reporting}.documents.ended IS 'The first day on which it is not in force.';
COMMENT ON COLUMN {reporting}.documents.ended_how IS 'replaced, abolished or expired.';
COMMENT ON COLUMN {reporting}.documents.corrections IS 'How often what is recorded of it was corrected.';

CREATE VIEW {reporting}.document_relations AS
SELECT r.* FROM {tables}.relations r;
COMMENT ON VIEW {reporting}.document_relations IS 'Relations from one document to another.';
COMMENT ON COLUMN {reporting}.document_relations.document IS 'The document that says so.';
COMMENT ON COLUMN {reporting}.document_relations.ordinal IS 'Counts the relations of a document, from 1.';
COMMENT ON COLUMN {reporting}.document_relations.from_day IS 'The day from which it holds.';
COMMENT ON COLUMN {reporting}.document_relations.relation IS 'implements, continues, guides and so on.';
COMMENT ON COLUMN {reporting}.document_relations.to_document IS 'To which document.';
COMMENT ON COLUMN {reporting}.document_relations.carries_down IS 'What the one asks for counts for the other as well.';

CREATE VIEW {reporting}.requirements AS
SELECT r.* FROM {tables}.requirements r;
COMMENT ON VIEW {reporting}.requirements IS 'Rules that create report obligations.';
COMMENT ON COLUMN {reporting}.requirements.id IS 'The requirement.';
COMMENT ON COLUMN {reporting}.requirements.document IS 'The document that asks for it.';
COMMENT ON COLUMN {reporting}.requirements.kind IS 'periodic, thematic or ad_hoc.';
COMMENT ON COLUMN {reporting}.requirements.title IS 'What it is called.';
COMMENT ON COLUMN {reporting}.requirements.cadence IS 'How often.';
COMMENT ON COLUMN {reporting}.requirements.via IS 'The channel unit.';
COMMENT ON COLUMN {reporting}.requirements.assigner IS 'Who grants extensions, where that is not the issuer.';
COMMENT ON COLUMN {reporting}.requirements.host IS 'The requirement whose report it is a section of.';
COMMENT ON COLUMN {reporting}.requirements.set_on IS 'The day from which it is asked for.';
COMMENT ON COLUMN {reporting}.requirements.ended IS 'The day from which it is not.';

CREATE VIEW {reporting}.tasks AS
SELECT t.* FROM {tables}.tasks t;
COMMENT ON VIEW {reporting}.tasks IS 'Assigned work.';
COMMENT ON COLUMN {reporting}.tasks.id IS 'The task.';
COMMENT ON COLUMN {reporting}.tasks.document IS 'The document that assigns it.';
COMMENT ON COLUMN {reporting}.tasks.title IS 'What it is called.';
COMMENT ON COLUMN {reporting}.tasks.assigner IS 'Who confirms and extends, where that is not the issuer.';
COMMENT ON COLUMN {reporting}.tasks.assigned IS 'The day from which it is owed.';
COMMENT ON COLUMN {reporting}.tasks.due IS 'The due date that it was assigned with; NULL where not stated.';
COMMENT ON COLUMN {reporting}.tasks.due_set_on IS 'The day from which a due date that was set later holds.';
COMMENT ON COLUMN {reporting}.tasks.due_set IS 'That due date.';
COMMENT ON COLUMN {reporting}.tasks.owed_by IS 'How many units owe it.';

CREATE VIEW {reporting}.openings AS
SELECT o.* FROM {tables}.openings o;
COMMENT ON VIEW {reporting}.openings IS 'Events that opened obligations: a period of a requirement, or the assignment of a task.';
COMMENT ON COLUMN {reporting}.openings.position IS 'Where it is recorded in the ledger.';
COMMENT ON COLUMN {reporting}.openings.kind IS 'report or task.';
COMMENT ON COLUMN {reporting}.openings.source IS 'The requirement or the task.';
COMMENT ON COLUMN {reporting}.openings.period IS 'The period; NULL for a task.';
COMMENT ON COLUMN {reporting}.openings.window_from IS 'The first day of the data window.';
COMMENT ON COLUMN {reporting}.openings.window_to IS 'Its last day.';
COMMENT ON COLUMN {reporting}.openings.document IS 'The document that asks for it.';
COMMENT ON COLUMN {reporting}.openings.assigner IS 'The unit that may extend it.';
COMMENT ON COLUMN {reporting}.openings.opened IS 'The day from which it is owed.';
COMMENT ON COLUMN {reporting}.openings.due IS 'The due date that it was opened with.';
COMMENT ON COLUMN {reporting}.openings.due_set_on IS 'The day from which a due date that was set later holds.';
COMMENT ON COLUMN {reporting}.openings.due_set IS 'That due date.';
COMMENT ON COLUMN {reporting}.openings.silence_days IS 'After how many days a claim stands without a word: 0 at once, NULL never.';
COMMENT ON COLUMN {reporting}.openings.synthetic IS 'It was made for a demonstration or a test.';

CREATE VIEW {reporting}.obligations AS
SELECT o.* FROM {tables}.obligations o;
COMMENT ON VIEW {reporting}.obligations IS 'What one unit owes by one due date; how it stands is in obligations_current and obligation_rows.';
COMMENT ON COLUMN {reporting}.obligations.number IS 'Its place in the order in which the ledger opens obligations.';
COMMENT ON COLUMN {reporting}.obligations.id IS 'The obligation.';
COMMENT ON COLUMN {reporting}.obligations.opening IS 'The position of what opened it.';
COMMENT ON COLUMN {reporting}.obligations.unit IS 'Who owed it first.';

CREATE VIEW {reporting}.phases AS
SELECT p.* FROM {tables}.phases p;
COMMENT ON VIEW {reporting}.phases IS 'Days in which nothing about an obligation changes but whether its due date has passed. One phase of an obligation holds any day: from_day <= day AND day < until_day.';
COMMENT ON COLUMN {reporting}.phases.number IS 'The obligation.';
COMMENT ON COLUMN {reporting}.phases.from_day IS 'The first day.';
COMMENT ON COLUMN {reporting}.phases.until_day IS 'The first day after it; infinity where it stands.';
COMMENT ON COLUMN {reporting}.phases.owed_since IS 'The day on which the unit came to owe it.';
COMMENT ON COLUMN {reporting}.phases.due IS 'The due date in force.';
COMMENT ON COLUMN {reporting}.phases.original_due IS 'The due date that it was first given, whatever extensions followed.';
COMMENT ON COLUMN {reporting}.phases.fulfilled IS 'The fulfilment date of what stands.';
COMMENT ON COLUMN {reporting}.phases.released IS 'The day on which it left the count, excused or cancelled.';
COMMENT ON COLUMN {reporting}.phases.undated_done IS 'It is done, where no due date is stated.';
COMMENT ON COLUMN {reporting}.phases.current_until IS 'The bucket until the due date in force.';
COMMENT ON COLUMN {reporting}.phases.current_after IS 'The bucket after it.';
COMMENT ON COLUMN {reporting}.phases.original_until IS 'The bucket until the original due date.';
COMMENT ON COLUMN {reporting}.phases.original_after IS 'The bucket after it.';
COMMENT ON COLUMN {reporting}.phases.unit IS 'The unit that owes it.';

CREATE VIEW {reporting}.acts AS
SELECT a.position, a.number, a.kind, a.on_day, a.day, a.recorded_on, a.synthetic, a.undoes
  FROM {tables}.acts a;
COMMENT ON VIEW {reporting}.acts IS 'Events of obligations, without their words.';
COMMENT ON COLUMN {reporting}.acts.position IS 'Where it is recorded in the ledger.';
COMMENT ON COLUMN {reporting}.acts.number IS 'The obligation.';
COMMENT ON COLUMN {reporting}.acts.kind IS 'submitted, reminded, flagged_late and so on.';
COMMENT ON COLUMN {reporting}.acts.on_day IS 'The day from which it is true.';
COMMENT ON COLUMN {reporting}.acts.day IS 'The due date that it names, or the last day to hand in again.';
COMMENT ON COLUMN {reporting}.acts.recorded_on IS 'The day on which the ledger took it in.';
COMMENT ON COLUMN {reporting}.acts.synthetic IS 'It was made for a demonstration or a test.';
COMMENT ON COLUMN {reporting}.acts.undoes IS 'The revision of the obligation that it takes back.';

CREATE VIEW {reporting}.late_flags AS
SELECT f.position, o.id AS obligation, f.number, f.day AS due, f.on_day AS flagged_on, f.recorded_on, f.synthetic
  FROM {tables}.acts f JOIN {tables}.obligations o ON o.number = f.number
 WHERE f.kind = 'flagged_late';
COMMENT ON VIEW {reporting}.late_flags IS 'Recorded acts of saying that a due date has passed. No bucket depends on them.';
COMMENT ON COLUMN {reporting}.late_flags.position IS 'Where it is recorded in the ledger.';
COMMENT ON COLUMN {reporting}.late_flags.obligation IS 'The obligation.';
COMMENT ON COLUMN {reporting}.late_flags.number IS 'The obligation, by its number.';
COMMENT ON COLUMN {reporting}.late_flags.due IS 'The due date that passed.';
COMMENT ON COLUMN {reporting}.late_flags.flagged_on IS 'The day from which the flag holds: the day after.';
COMMENT ON COLUMN {reporting}.late_flags.recorded_on IS 'The day on which the ledger took it in.';
COMMENT ON COLUMN {reporting}.late_flags.synthetic IS 'It was made for a demonstration or a test.';

CREATE VIEW {reporting}.inspections AS
SELECT i.* FROM {tables}.inspections i;
COMMENT ON VIEW {reporting}.inspections IS 'Inspections and supervisions.';
COMMENT ON COLUMN {reporting}.inspections.id IS 'The inspection.';
COMMENT ON COLUMN {reporting}.inspections.kind IS 'inspection or supervision.';
COMMENT ON COLUMN {reporting}.inspections.by_unit IS 'The committee that inspects.';
COMMENT ON COLUMN {reporting}.inspections.title IS 'What it is called.';
COMMENT ON COLUMN {reporting}.inspections.window_from IS 'The first day examined.';
COMMENT ON COLUMN {reporting}.inspections.window_to IS 'The last day examined.';
COMMENT ON COLUMN {reporting}.inspections.opened IS 'The day on which it began.';
COMMENT ON COLUMN {reporting}.inspections.concluded IS 'The day on which it was concluded.';

CREATE VIEW {reporting}.inspected_units AS
SELECT i.* FROM {tables}.inspected i;
COMMENT ON VIEW {reporting}.inspected_units IS 'Who is inspected.';
COMMENT ON COLUMN {reporting}.inspected_units.inspection IS 'The inspection.';
COMMENT ON COLUMN {reporting}.inspected_units.unit IS 'The unit.';

CREATE VIEW {reporting}.findings AS
SELECT f.* FROM {tables}.findings f;
COMMENT ON VIEW {reporting}.findings IS 'What inspections found, without the words.';
COMMENT ON COLUMN {reporting}.findings.inspection IS 'The inspection.';
COMMENT ON COLUMN {reporting}.findings.number IS 'Counts from 1 within it.';
COMMENT ON COLUMN {reporting}.findings.unit IS 'Whom it concerns.';
COMMENT ON COLUMN {reporting}.findings.obligations IS 'How many obligations it names.';
COMMENT ON COLUMN {reporting}.findings.follow_ups IS 'How many tasks follow from it.';

CREATE VIEW {reporting}.calendar_days AS
SELECT c.* FROM {tables}.calendar_days c;
COMMENT ON VIEW {reporting}.calendar_days IS 'Days that differ from their weekday, in the version of their year that stands.';
COMMENT ON COLUMN {reporting}.calendar_days.year IS 'The year that was published.';
COMMENT ON COLUMN {reporting}.calendar_days.version IS 'The version of that year.';
COMMENT ON COLUMN {reporting}.calendar_days.day IS 'The day.';
COMMENT ON COLUMN {reporting}.calendar_days.kind IS 'legal, comp, swap_off or work_saturday.';
COMMENT ON COLUMN {reporting}.calendar_days.name IS 'What it is called.';
COMMENT ON COLUMN {reporting}.calendar_days.certainty IS 'certain, estimated or uncertain.';

CREATE VIEW {reporting}.projection AS
SELECT p.position, p.recorded_at, p.log_head, greatest(p.log_head - p.position, 0) AS behind, p.written_at, p.state, p.parked_at, p.layout, p.serving
  FROM control.projection p;
COMMENT ON VIEW {reporting}.projection IS 'How far these tables are: every answer here is true at this position.';
COMMENT ON COLUMN {reporting}.projection.position IS 'The last record whose rows are here.';
COMMENT ON COLUMN {reporting}.projection.recorded_at IS 'When the ledger took that record in.';
COMMENT ON COLUMN {reporting}.projection.log_head IS 'Where the ledger ended when the projector last wrote.';
COMMENT ON COLUMN {reporting}.projection.behind IS 'Records that were not here yet then.';
COMMENT ON COLUMN {reporting}.projection.written_at IS 'When the projector last wrote, or said that it is there: an old time means that none runs.';
COMMENT ON COLUMN {reporting}.projection.state IS 'new, running, stopped or parked.';
COMMENT ON COLUMN {reporting}.projection.parked_at IS 'The record that cannot be taken in; an operator is needed.';
COMMENT ON COLUMN {reporting}.projection.layout IS 'The form of the tables.';
COMMENT ON COLUMN {reporting}.projection.serving IS 'The schema that serves.';

-- Choices are types, so that a misspelt one is refused by name instead of counting something else.
CREATE TYPE {reporting}.obligation_kind AS ENUM ('report', 'task', 'all');
CREATE TYPE {reporting}.due_mode AS ENUM ('current', 'original');
CREATE TYPE {reporting}.lineage AS ENUM ('recorded', 'successor');
CREATE TYPE {reporting}.grouping AS ENUM ('unit', 'group', 'kind', 'document', 'year', 'quarter', 'total');

CREATE FUNCTION {reporting}.today() RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (now() AT TIME ZONE INTERVAL '+07:00')::date;
COMMENT ON FUNCTION {reporting}.today IS 'The civil day in Việt Nam.';

CREATE VIEW {reporting}.counted_days AS
SELECT coalesce(p.due_from, date_trunc('year', {reporting}.today()::timestamp)::date) AS due_from,
       coalesce(p.due_to, (date_trunc('year', {reporting}.today()::timestamp) + interval '1 year - 1 day')::date) AS due_to
  FROM control.projection p;
COMMENT ON VIEW {reporting}.counted_days IS 'The window of due dates that metrics and the dashboards of today count: the calendar year of today, or what [metrics] window says.';
COMMENT ON COLUMN {reporting}.counted_days.due_from IS 'The first due date that is counted.';
COMMENT ON COLUMN {reporting}.counted_days.due_to IS 'The last one.';

CREATE FUNCTION {reporting}.obligation_rows(
    as_of date, due_from date DEFAULT NULL, due_to date DEFAULT NULL,
    of_kind {reporting}.obligation_kind DEFAULT 'all', due_mode {reporting}.due_mode DEFAULT 'current',
    lineage {reporting}.lineage DEFAULT 'recorded',
    of_unit text DEFAULT NULL, of_group text DEFAULT NULL, below_document text DEFAULT NULL, in_bucket text DEFAULT NULL)
RETURNS TABLE (
    number integer, id text, kind text, unit text, owed_since date, counts_for text, document text, source text,
    period text, opened date, due date, original_due date, counted_on date, fulfilled_on date, bucket text,
    undated_done boolean)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
WITH RECURSIVE chain AS (
    SELECT obligation_rows.below_document AS id WHERE obligation_rows.below_document IS NOT NULL
    UNION
    SELECT r.document FROM chain c
      JOIN {reporting}.document_relations r
        ON r.to_document = c.id AND r.carries_down AND r.from_day <= obligation_rows.as_of
), walk AS (
    SELECT u.id AS unit, u.whole_successor AS successor, 1 AS steps FROM {reporting}.units u
     WHERE obligation_rows.lineage = 'successor' AND u.ended <= obligation_rows.as_of AND u.whole_successor IS NOT NULL
    UNION ALL
    SELECT w.unit, u.whole_successor, w.steps + 1 FROM walk w
      JOIN {reporting}.units u ON u.id = w.successor
     WHERE u.ended <= obligation_rows.as_of AND u.whole_successor IS NOT NULL AND w.steps < 1000
), heirs AS (
    SELECT DISTINCT ON (w.unit) w.unit, w.successor FROM walk w ORDER BY w.unit, w.steps DESC
), standing AS (
    SELECT o.number, o.id, n.kind, p.unit, p.owed_since, coalesce(h.successor, p.unit) AS counts_for, n.document,
           n.source, n.period, n.opened,
           CASE WHEN obligation_rows.due_mode = 'original' THEN p.original_due ELSE p.due END AS due,
           p.original_due, p.fulfilled AS fulfilled_on,
           CASE WHEN obligation_rows.due_mode = 'original'
                THEN CASE WHEN obligation_rows.as_of > p.original_due THEN p.original_after ELSE p.original_until END
                ELSE CASE WHEN obligation_rows.as_of > p.due THEN p.current_after ELSE p.current_until END
           END AS bucket,
           p.undated_done
      FROM {reporting}.openings n
      JOIN {reporting}.obligations o ON o.opening = n.position
      JOIN {reporting}.phases p ON p.number = o.number
      LEFT JOIN heirs h ON h.unit = p.unit
     WHERE n.opened <= obligation_rows.as_of
       AND p.from_day <= obligation_rows.as_of AND obligation_rows.as_of < p.until_day
       AND (obligation_rows.of_kind = 'all' OR n.kind = obligation_rows.of_kind::text)
       AND (obligation_rows.below_document IS NULL OR n.document IN (SELECT c.id FROM chain c))
)
SELECT s.number, s.id, s.kind, s.unit, s.owed_since, s.counts_for, s.document, s.source, s.period, s.opened, s.due,
       s.original_due, coalesce(s.due, s.opened), s.fulfilled_on, s.bucket, s.undated_done
  FROM standing s
 WHERE (obligation_rows.due_from IS NULL OR coalesce(s.due, s.opened) >= obligation_rows.due_from)
   AND (obligation_rows.due_to IS NULL OR coalesce(s.due, s.opened) <= obligation_rows.due_to)
   AND (obligation_rows.of_unit IS NULL OR s.counts_for = obligation_rows.of_unit)
   AND (obligation_rows.in_bucket IS NULL OR s.bucket = obligation_rows.in_bucket)
   AND (obligation_rows.of_group IS NULL OR EXISTS (
           SELECT FROM {reporting}.group_members m
            WHERE m.group_id = obligation_rows.of_group AND m.unit = s.unit
              AND m.from_day <= s.owed_since AND s.owed_since < m.until_day));
END;
COMMENT ON FUNCTION {reporting}.obligation_rows IS
'The obligations of a question as they stand at the end of a day, each in one bucket: as many rows as the rates count. The window is over the due date of the mode; where none is stated, over the day of assignment. of_unit is the unit for which it counts; of_group asks whether the owner belonged to the group on the day on which it came to owe it; below_document takes the document and everything below it in its chain.';

CREATE FUNCTION {reporting}.rate_lines(on_time bigint, late bigint, pending bigint, overdue bigint)
RETURNS TABLE (rate text, numerator bigint, denominator bigint, percent numeric)
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
SELECT r.rate, r.n, r.d, CASE WHEN r.d > 0 THEN (((r.n * 20000 + r.d) / (2 * r.d))::numeric / 100)::numeric(9, 2) END
  FROM (VALUES
        ('completed_of_due', on_time + late, on_time + late + overdue),
        ('on_time_of_due', on_time, on_time + late + overdue),
        ('on_time_of_completed', on_time, on_time + late),
        ('completed_of_assigned', on_time + late, on_time + late + pending + overdue),
        ('overdue_of_due', overdue, on_time + late + overdue),
        ('overdue_of_assigned', overdue, on_time + late + pending + overdue)) AS r (rate, n, d);
END;
COMMENT ON FUNCTION {reporting}.rate_lines IS
'The six rates of four counts, each with its id, numerator and denominator. percent has two decimals, half up, and is NULL where nothing was due.';

CREATE FUNCTION {reporting}.counts(
    as_of date, by_what {reporting}.grouping DEFAULT 'unit', due_from date DEFAULT NULL, due_to date DEFAULT NULL,
    of_kind {reporting}.obligation_kind DEFAULT 'all', due_mode {reporting}.due_mode DEFAULT 'current',
    lineage {reporting}.lineage DEFAULT 'recorded',
    of_unit text DEFAULT NULL, of_group text DEFAULT NULL, below_document text DEFAULT NULL)
RETURNS TABLE (
    id text, name text, ended boolean, on_time bigint, late bigint, pending bigint, overdue bigint,
    no_due_date bigint, no_due_date_done bigint, excused bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
WITH found AS (
    SELECT * FROM {reporting}.obligation_rows(
        counts.as_of, counts.due_from, counts.due_to, counts.of_kind, counts.due_mode, counts.lineage,
        counts.of_unit, counts.of_group, counts.below_document)
), keyed AS (
    SELECT CASE counts.by_what
               WHEN 'unit' THEN f.counts_for
               WHEN 'kind' THEN f.kind
               WHEN 'document' THEN f.document
               WHEN 'year' THEN to_char(f.counted_on, 'YYYY')
               WHEN 'quarter' THEN to_char(f.counted_on, 'YYYY"-q"Q')
               WHEN 'total' THEN 'total'
           END AS id, f.bucket, f.undated_done
      FROM found f WHERE counts.by_what <> 'group'
    UNION ALL
    SELECT m.group_id, f.bucket, f.undated_done
      FROM found f
      JOIN {reporting}.group_members m ON m.unit = f.unit AND m.from_day <= f.owed_since AND f.owed_since < m.until_day
     WHERE counts.by_what = 'group'
), counted AS (
    SELECT k.id,
           count(*) FILTER (WHERE k.bucket = 'on_time') AS on_time,
           count(*) FILTER (WHERE k.bucket = 'late') AS late,
           count(*) FILTER (WHERE k.bucket = 'pending') AS pending,
           count(*) FILTER (WHERE k.bucket = 'overdue') AS overdue,
           count(*) FILTER (WHERE k.bucket = 'no_due_date') AS no_due_date,
           count(*) FILTER (WHERE k.bucket = 'no_due_date' AND k.undated_done) AS no_due_date_done,
           count(*) FILTER (WHERE k.bucket = 'excused') AS excused
      FROM keyed k GROUP BY k.id
)
SELECT c.id,
       CASE counts.by_what
           WHEN 'unit' THEN coalesce((SELECT n.name FROM {reporting}.unit_names n
                                       WHERE n.unit = c.id AND counts.as_of < n.until_day
                                       ORDER BY n.from_day LIMIT 1), c.id)
           WHEN 'group' THEN (SELECT g.name FROM {reporting}.groups g WHERE g.id = c.id)
           WHEN 'document' THEN coalesce((SELECT d.title FROM {reporting}.documents d WHERE d.id = c.id), c.id)
           WHEN 'kind' THEN CASE c.id WHEN 'report' THEN 'Báo cáo' ELSE 'Nhiệm vụ' END
           WHEN 'year' THEN 'Năm ' || c.id
           WHEN 'quarter' THEN 'Quý ' || (ARRAY['I', 'II', 'III', 'IV'])[right(c.id, 1)::integer] || '/' || left(c.id, 4)
           ELSE 'Tổng số'
       END,
       counts.by_what = 'unit' AND EXISTS (SELECT FROM {reporting}.units u WHERE u.id = c.id AND u.ended <= counts.as_of),
       c.on_time, c.late, c.pending, c.overdue, c.no_due_date, c.no_due_date_done, c.excused
  FROM counted c
 ORDER BY c.id COLLATE "C";
END;
COMMENT ON FUNCTION {reporting}.counts IS
'Obligations of a question by bucket, in rows by unit, group, kind, document, year, quarter or total. Groups overlap: their rows do not add up to the total. no_due_date_done is a part of no_due_date. See obligation_rows for the filters.';

CREATE FUNCTION {reporting}.rates(
    as_of date, by_what {reporting}.grouping DEFAULT 'unit', due_from date DEFAULT NULL, due_to date DEFAULT NULL,
    of_kind {reporting}.obligation_kind DEFAULT 'all', due_mode {reporting}.due_mode DEFAULT 'current',
    lineage {reporting}.lineage DEFAULT 'recorded',
    of_unit text DEFAULT NULL, of_group text DEFAULT NULL, below_document text DEFAULT NULL)
RETURNS TABLE (
    id text, name text, ended boolean, rate text, numerator bigint, denominator bigint, percent numeric,
    on_time bigint, late bigint, pending bigint, overdue bigint, no_due_date bigint, no_due_date_done bigint, excused bigint)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
SELECT c.id, c.name, c.ended, l.rate, l.numerator, l.denominator, l.percent,
       c.on_time, c.late, c.pending, c.overdue, c.no_due_date, c.no_due_date_done, c.excused
  FROM {reporting}.counts(
        rates.as_of, rates.by_what, rates.due_from, rates.due_to, rates.of_kind, rates.due_mode, rates.lineage,
        rates.of_unit, rates.of_group, rates.below_document) c
 CROSS JOIN LATERAL {reporting}.rate_lines(c.on_time, c.late, c.pending, c.overdue) l;
END;
COMMENT ON FUNCTION {reporting}.rates IS
'The six rates of a question, one row for each and for each unit, group, kind, document, year, quarter or the total, with numerator, denominator and the counts they come from. percent is NULL where nothing was due, which is neither 0 nor 100. See obligation_rows for the filters.';

CREATE VIEW {reporting}.obligations_current AS
SELECT r.*, coalesce(q.title, t.title) AS title, u.name AS unit_name
  FROM {reporting}.obligation_rows({reporting}.today()) r
  LEFT JOIN {reporting}.requirements q ON r.kind = 'report' AND q.id = r.source
  LEFT JOIN {reporting}.tasks t ON r.kind = 'task' AND t.id = r.source
  LEFT JOIN {reporting}.units u ON u.id = r.unit;
COMMENT ON VIEW {reporting}.obligations_current IS 'Obligations as they stand today, counted against the due date in force.';
COMMENT ON COLUMN {reporting}.obligations_current.number IS 'Its place in the order in which the ledger opens obligations.';
COMMENT ON COLUMN {reporting}.obligations_current.id IS 'The obligation.';
COMMENT ON COLUMN {reporting}.obligations_current.kind IS 'report or task.';
COMMENT ON COLUMN {reporting}.obligations_current.unit IS 'The unit that owes it today.';
COMMENT ON COLUMN {reporting}.obligations_current.owed_since IS 'The day on which that unit came to owe it.';
COMMENT ON COLUMN {reporting}.obligations_current.counts_for IS 'The unit for which it counts: that one.';
COMMENT ON COLUMN {reporting}.obligations_current.document IS 'The document that asks for it.';
COMMENT ON COLUMN {reporting}.obligations_current.source IS 'The requirement or the task.';
COMMENT ON COLUMN {reporting}.obligations_current.period IS 'The period; NULL for a task.';
COMMENT ON COLUMN {reporting}.obligations_current.opened IS 'The day from which it is owed.';
COMMENT ON COLUMN {reporting}.obligations_current.due IS 'The due date in force.';
COMMENT ON COLUMN {reporting}.obligations_current.original_due IS 'The due date that it was first given.';
COMMENT ON COLUMN {reporting}.obligations_current.counted_on IS 'The due date, or the day of assignment where none is stated.';
COMMENT ON COLUMN {reporting}.obligations_current.fulfilled_on IS 'The fulfilment date of what stands.';
COMMENT ON COLUMN {reporting}.obligations_current.bucket IS 'Where it falls: on_time, late, pending, overdue, no_due_date or excused.';
COMMENT ON COLUMN {reporting}.obligations_current.undated_done IS 'It is done, where no due date is stated.';
COMMENT ON COLUMN {reporting}.obligations_current.title IS 'What the requirement or the task is called.';
COMMENT ON COLUMN {reporting}.obligations_current.unit_name IS 'What the unit is called.';

CREATE VIEW {reporting}.rates_by_unit_year AS
SELECT c.unit, u.name AS unit_name, c.year, l.rate, l.numerator, l.denominator, l.percent
  FROM (SELECT r.unit, extract(year FROM r.counted_on)::integer AS year,
               count(*) FILTER (WHERE r.bucket = 'on_time') AS on_time, count(*) FILTER (WHERE r.bucket = 'late') AS late,
               count(*) FILTER (WHERE r.bucket = 'pending') AS pending, count(*) FILTER (WHERE r.bucket = 'overdue') AS overdue
          FROM {reporting}.obligation_rows({reporting}.today()) r GROUP BY 1, 2) c
  JOIN {reporting}.units u ON u.id = c.unit
 CROSS JOIN LATERAL {reporting}.rate_lines(c.on_time, c.late, c.pending, c.overdue) l;
COMMENT ON VIEW {reporting}.rates_by_unit_year IS 'Rates of today by the unit that owes and the year of the due date: six rows for each, one a rate.';
COMMENT ON COLUMN {reporting}.rates_by_unit_year.unit IS 'The unit that owes.';
COMMENT ON COLUMN {reporting}.rates_by_unit_year.unit_name IS 'What it is called.';
COMMENT ON COLUMN {reporting}.rates_by_unit_year.year IS 'The year of the due date; of the assignment where none is stated.';
COMMENT ON COLUMN {reporting}.rates_by_unit_year.rate IS 'The id of the rate: see rate_lines.';
COMMENT ON COLUMN {reporting}.rates_by_unit_year.numerator IS 'The obligations above the line.';
COMMENT ON COLUMN {reporting}.rates_by_unit_year.denominator IS 'The obligations below the line.';
COMMENT ON COLUMN {reporting}.rates_by_unit_year.percent IS 'Two decimals, half up; NULL: nothing was due, which is neither 0 nor 100.';

-- What dashboards draw besides counts and rates. A time range of a dashboard has moments, and the ledger has days.

CREATE FUNCTION {reporting}.civil_day(moment timestamptz) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (moment AT TIME ZONE INTERVAL '+07:00')::date;
COMMENT ON FUNCTION {reporting}.civil_day IS 'The civil day in Việt Nam of a moment.';

CREATE FUNCTION {reporting}.day_begins(day date) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN day::timestamp AT TIME ZONE INTERVAL '+07:00';
COMMENT ON FUNCTION {reporting}.day_begins IS 'The moment at which a civil day begins in Việt Nam: where it stands on an axis of time.';

CREATE FUNCTION {reporting}.documents_below(document text, as_of date)
RETURNS TABLE (document text, title text, kind text, issuer text, date date, steps integer, relation text, to_document text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
WITH RECURSIVE chain AS (
    SELECT documents_below.document AS id, 0 AS steps, NULL::text AS relation, NULL::text AS to_document
    UNION
    SELECT r.document, c.steps + 1, r.relation, r.to_document FROM chain c
      JOIN {reporting}.document_relations r
        ON r.to_document = c.id AND r.carries_down AND r.from_day <= documents_below.as_of
     WHERE c.steps < 100
), nearest AS (
    SELECT DISTINCT ON (c.id) c.* FROM chain c ORDER BY c.id, c.steps, c.to_document, c.relation
)
SELECT n.id, d.title, d.kind, d.issuer, d.date, n.steps, n.relation, n.to_document
  FROM nearest n JOIN {reporting}.documents d ON d.id = n.id
 ORDER BY n.steps, d.date, n.id COLLATE "C";
END;
COMMENT ON FUNCTION {reporting}.documents_below IS
'A document and everything below it in its chain on a day: what obligation_rows counts for below_document. steps is the shortest way down, 0 for the document itself; relation and to_document say by what it hangs there.';

CREATE VIEW {reporting}.acts_by_month AS
SELECT date_trunc('month', a.on_day)::date AS month, p.unit, n.kind, a.kind AS act, count(*) AS acts
  FROM {reporting}.acts a
  JOIN {reporting}.obligations o ON o.number = a.number
  JOIN {reporting}.openings n ON n.position = o.opening
  JOIN {reporting}.phases p ON p.number = a.number AND p.from_day <= a.on_day AND a.on_day < p.until_day
 GROUP BY 1, 2, 3, 4;
COMMENT ON VIEW {reporting}.acts_by_month IS 'How often something was done about obligations, by the month from which it is true.';
COMMENT ON COLUMN {reporting}.acts_by_month.month IS 'The first day of the month.';
COMMENT ON COLUMN {reporting}.acts_by_month.unit IS 'The unit that owed the obligation on that day.';
COMMENT ON COLUMN {reporting}.acts_by_month.kind IS 'report or task.';
COMMENT ON COLUMN {reporting}.acts_by_month.act IS 'submitted, extended, flagged_late and so on.';
COMMENT ON COLUMN {reporting}.acts_by_month.acts IS 'How many.';

CREATE VIEW {reporting}.milestones AS
SELECT d.known AS day, 'document' AS sort, d.title, d.id AS document, d.issuer AS unit, 1::bigint AS number
  FROM {reporting}.documents d
 WHERE EXISTS (SELECT FROM {reporting}.tasks t WHERE t.document = d.id)
    OR EXISTS (SELECT FROM {reporting}.requirements r WHERE r.document = d.id)
UNION ALL
SELECT u.ended, 'reorganisation', string_agg(coalesce(u.name, u.id), ', ' ORDER BY u.name), max(u.ended_by),
       CASE WHEN count(DISTINCT u.whole_successor) = 1 THEN min(u.whole_successor) END, count(*)
  FROM {reporting}.units u WHERE u.ended IS NOT NULL GROUP BY u.ended, u.ended_how, u.ended_by
UNION ALL
SELECT r.set_on, 'regime', string_agg(r.title, '; ' ORDER BY r.title), r.document, NULL, count(*)
  FROM {reporting}.requirements r GROUP BY r.set_on, r.document
UNION ALL
SELECT r.ended, 'regime', string_agg(r.title, '; ' ORDER BY r.title), r.document, NULL, -count(*)
  FROM {reporting}.requirements r WHERE r.ended IS NOT NULL GROUP BY r.ended, r.document;
COMMENT ON VIEW {reporting}.milestones IS 'Days on which something changed that a trend is to be read by: a document that asks for something, units that ended, reports that are asked for or no more.';
COMMENT ON COLUMN {reporting}.milestones.day IS 'The day from which it holds.';
COMMENT ON COLUMN {reporting}.milestones.sort IS 'document, reorganisation or regime.';
COMMENT ON COLUMN {reporting}.milestones.title IS 'The document, the units that ended, or the reports.';
COMMENT ON COLUMN {reporting}.milestones.document IS 'The document, or the one that ordered it.';
COMMENT ON COLUMN {reporting}.milestones.unit IS 'The issuer, or the one unit that those which ended went into as a whole.';
COMMENT ON COLUMN {reporting}.milestones.number IS 'How many documents, units or reports; less than 0 where reports are asked for no more.';

GRANT USAGE ON SCHEMA {reporting} TO grafana_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA {reporting} TO grafana_reader;
