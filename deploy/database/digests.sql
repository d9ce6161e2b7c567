-- Counts and digests of all tables of the services: what a backup writes down and a restore compares. The setting klima.schemas
-- names their schemas. The digest does not depend on the order of the rows: the sum of 60 bits of every row's MD5. Lives until the end of the session.
set timezone = 'UTC';
set datestyle = 'ISO, MDY';
set intervalstyle = 'postgres';
set bytea_output = 'hex';
set extra_float_digits = 1;
create or replace function pg_temp.klima_digests() returns table (name text, records bigint, digest numeric)
language plpgsql as $$
declare
  found record;
begin
  for found in
    select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname = any(string_to_array(current_setting('klima.schemas'), ',')) order by n.nspname, c.relname
  loop
    name := found.nspname || '.' || found.relname;
    execute format(
      'select count(*), coalesce(sum((''x'' || substr(md5(t::text), 1, 15))::bit(60)::bigint), 0) from %I.%I t',
      found.nspname, found.relname
    ) into records, digest;
    return next;
  end loop;
end
$$;
