-- One service's place in a database: a role of its own, a schema that it owns, and nothing else.
-- Plain SQL for any client, run by the owner of the database, as often as one likes. It reads four settings of its session:
--   klima.role      the role's name               for example klima_balance
--   klima.schema    the schema's name             for example balance
--   klima.password  the role's password; empty leaves a present role's password alone
-- Used by klima_local (embedded server and tests) and, for all services at once, by prepare.sh beside this file (containers).
do $$
declare
  role_name text := current_setting('klima.role');
  schema_name text := current_setting('klima.schema');
  secret text := current_setting('klima.password', true);
begin
  if not exists (select from pg_roles where rolname = role_name) then
    execute format('create role %I login nosuperuser nocreatedb nocreaterole noreplication noinherit', role_name);
  end if;
  if coalesce(secret, '') <> '' then
    execute format('alter role %I password %L', role_name, secret);
  end if;
  execute format('alter role %I set search_path = %I', role_name, schema_name);
  execute format('alter role %I set timezone = ''UTC''', role_name);

  -- Nobody comes in who was not let in; temporary tables are needed for loading by COPY.
  execute format('revoke all on database %I from public', current_database());
  execute format('grant connect, temporary on database %I to %I', current_database(), role_name);
  revoke all on schema public from public;

  if not exists (select from pg_namespace where nspname = schema_name) then
    -- Since Postgres 16 the maker of a role must be allowed to become it; a superuser always is, and ends up unchanged.
    execute format('grant %I to current_user', role_name);
    execute format('create schema %I authorization %I', schema_name, role_name);
    execute format('revoke %I from current_user', role_name);
  end if;
end
$$;
