-- Keys and indexes of {tables}, made once its first rows are in. Each table is found by what its rows are
-- replaced by; an index beyond that is there for a named question.

ALTER TABLE {tables}.units ADD PRIMARY KEY (id);
ALTER TABLE {tables}.unit_names ADD PRIMARY KEY (unit, from_day);
ALTER TABLE {tables}.unit_parents ADD PRIMARY KEY (unit, from_day);
ALTER TABLE {tables}.unit_successions ADD PRIMARY KEY (unit, ordinal);
ALTER TABLE {tables}.groups ADD PRIMARY KEY (id);
ALTER TABLE {tables}.group_members ADD PRIMARY KEY (group_id, unit, from_day);
ALTER TABLE {tables}.documents ADD PRIMARY KEY (id);
ALTER TABLE {tables}.relations ADD PRIMARY KEY (document, ordinal);
ALTER TABLE {tables}.requirements ADD PRIMARY KEY (id);
ALTER TABLE {tables}.tasks ADD PRIMARY KEY (id);
ALTER TABLE {tables}.openings ADD PRIMARY KEY (position);
ALTER TABLE {tables}.obligations ADD PRIMARY KEY (number);
ALTER TABLE {tables}.phases ADD PRIMARY KEY (number, from_day);
ALTER TABLE {tables}.acts ADD PRIMARY KEY (position);
ALTER TABLE {tables}.inspections ADD PRIMARY KEY (id);
ALTER TABLE {tables}.inspected ADD PRIMARY KEY (inspection, unit);
ALTER TABLE {tables}.findings ADD PRIMARY KEY (inspection, number);
ALTER TABLE {tables}.calendar_days ADD PRIMARY KEY (year, day);

-- The acts of one obligation: late flags, timelines.
CREATE INDEX acts_of_obligation ON {tables}.acts (number);
