-- What is known of persons beside the log: see `Credentials` in services/socai-store. Unlike the projector's tables
-- these cannot be made again from the log: they are backed up with the database.

CREATE TABLE credentials.person (
    -- As the log calls them.
    account  text PRIMARY KEY,
    name     text,
    -- A salted hash with its parameters, in the PHC string format.
    password text
);

-- How providers of single sign-on know them.
CREATE TABLE credentials.subject (
    issuer  text NOT NULL,
    id      text NOT NULL,
    account text NOT NULL REFERENCES credentials.person ON DELETE CASCADE,
    PRIMARY KEY (issuer, id)
);

CREATE INDEX ON credentials.subject (account);

CREATE TABLE credentials.session (
    -- SHA-256 of the key that the browser holds.
    key       bytea       PRIMARY KEY CHECK (octet_length(key) = 32),
    account   text        NOT NULL,
    opened    timestamptz NOT NULL,
    -- When it ends unless it is used before, and when it ends however it is used.
    idle_ends timestamptz NOT NULL,
    ends      timestamptz NOT NULL
);

CREATE INDEX ON credentials.session (account);

-- Whoever answers requests keeps them. Nobody else reads them: not the projector, and not who reads reports.
REVOKE ALL ON SCHEMA credentials FROM PUBLIC;
GRANT USAGE ON SCHEMA credentials TO socai_credentials;
GRANT SELECT, INSERT, UPDATE, DELETE ON credentials.person, credentials.subject, credentials.session TO socai_credentials;
