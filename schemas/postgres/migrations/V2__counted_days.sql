-- The window of due dates that dashboards of today count: what the projector that works is told to count. NULL, both:
-- the calendar year of the day on which somebody asks.

ALTER TABLE control.projection
    ADD COLUMN due_from date,
    ADD COLUMN due_to   date,
    ADD CHECK ((due_from IS NULL) = (due_to IS NULL) AND due_from <= due_to);

GRANT UPDATE (due_from, due_to) ON control.projection TO socai_projector;
