-- What the projector knows of itself. One row, for one ledger.

CREATE TABLE control.projection (
    one          boolean PRIMARY KEY DEFAULT true CHECK (one),
    -- The last record whose rows are in the tables, and its id; 0 and NULL before the first.
    position     bigint      NOT NULL DEFAULT 0 CHECK (position >= 0),
    record_id    uuid,
    -- When the ledger took that record in.
    recorded_at  timestamptz,
    -- Where the log ended when this row was written.
    log_head     bigint      NOT NULL DEFAULT 0,
    -- Counts take-overs: whoever writes under an older one writes nothing.
    epoch        bigint      NOT NULL DEFAULT 0,
    state        text        NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'running', 'stopped', 'parked')),
    -- The record that cannot be folded, and why.
    parked_at    bigint,
    parked_why   text,
    -- The form of the tables, and the schema that serves.
    layout       integer,
    serving      text,
    -- Numbers the schemas ever made, so that no name is used twice.
    schemas_made integer     NOT NULL DEFAULT 0,
    -- When this row was written last.
    written_at   timestamptz NOT NULL DEFAULT now(),
    CHECK ((state = 'parked') = (parked_at IS NOT NULL)),
    CHECK ((position = 0) = (record_id IS NULL))
);

INSERT INTO control.projection DEFAULT VALUES;

-- The projector finds and moves its place. What serves is for the owner to say.
GRANT USAGE ON SCHEMA control TO socai_projector;
GRANT SELECT ON control.projection TO socai_projector;
GRANT UPDATE (position, record_id, recorded_at, log_head, epoch, state, parked_at, parked_why, written_at)
    ON control.projection TO socai_projector;
