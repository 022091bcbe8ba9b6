-- Roles of the projection. Run once in the database that will hold it, as a superuser:
--
--     createdb socai && psql -v ON_ERROR_STOP=1 -d socai -f ops/postgres/roles.sql
--
-- and give each a password, or better a certificate, in pg_hba.conf's way. Running it again changes nothing.
--
--   socai_owner      owns the schemas: migrates, rebuilds, swaps. Used by an operator, not by a running service.
--   socai_projector  writes rows, and nothing else: a projector taken over can spoil rows, which a rebuild mends.
--   grafana_reader   reads the schema reporting, and nothing else.
--   socai_credentials  keeps the schema credentials, and nothing else: what is known of persons, in a process that
--                    answers requests.

DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['socai_owner', 'socai_projector', 'grafana_reader', 'socai_credentials'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', wanted);
        END IF;
    END LOOP;
    -- Nobody may connect, make schemas or fill the disk with temporary tables because nobody forbade it.
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO socai_owner, socai_projector, grafana_reader, socai_credentials', current_database());
    EXECUTE format('GRANT CREATE ON DATABASE %I TO socai_owner', current_database());
END
$$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;

-- A dashboard must not hold the database: nothing it asks takes longer, writes, or keeps a snapshot open. Whoever
-- is logged in can set these otherwise for itself; what it may touch is in the grants, which it cannot.
ALTER ROLE grafana_reader SET default_transaction_read_only = on;
ALTER ROLE grafana_reader SET statement_timeout = '15s';
ALTER ROLE grafana_reader SET lock_timeout = '5s';
ALTER ROLE grafana_reader SET idle_in_transaction_session_timeout = '30s';
ALTER ROLE grafana_reader SET search_path = reporting;
ALTER ROLE grafana_reader CONNECTION LIMIT 20;

-- A projector whose machine has gone holds its lock until the server notices: soon.
ALTER ROLE socai_projector SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE socai_projector SET tcp_keepalives_idle = 10;
ALTER ROLE socai_projector SET tcp_keepalives_interval = 5;
ALTER ROLE socai_projector SET tcp_keepalives_count = 3;
ALTER ROLE socai_projector SET search_path = pg_catalog;
-- Nor may one that changes what is known of a person, which the others wait for.
ALTER ROLE socai_credentials SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE socai_credentials SET statement_timeout = '10s';
ALTER ROLE socai_credentials SET tcp_keepalives_idle = 10;
ALTER ROLE socai_credentials SET tcp_keepalives_interval = 5;
ALTER ROLE socai_credentials SET tcp_keepalives_count = 3;
ALTER ROLE socai_credentials SET search_path = pg_catalog;
-- Nor may a rebuild whose machine has gone while it swaps: it holds the projector's row.
ALTER ROLE socai_owner SET idle_in_transaction_session_timeout = '5min';
ALTER ROLE socai_owner SET tcp_keepalives_idle = 10;
ALTER ROLE socai_owner SET tcp_keepalives_interval = 5;
ALTER ROLE socai_owner SET tcp_keepalives_count = 3;
ALTER ROLE socai_owner SET search_path = pg_catalog;

-- Rates are short questions over many rows: compiling them takes longer than asking them.
ALTER ROLE grafana_reader SET jit = off;
ALTER ROLE socai_owner SET jit = off;
