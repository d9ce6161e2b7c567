#!/bin/sh
# A node of the replicated Postgres. The password of the server's owner comes from a file; replication has the same one.
set -eu
umask 077
password=$(cat /run/secrets/password)
cat >/tmp/patroni.yml <<Y
scope: klima
name: $HOSTNAME
restapi: {listen: "0.0.0.0:8008", connect_address: "$HOSTNAME:8008"}
etcd3: {hosts: "etcd:2379"}
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 2
    retry_timeout: 5
    maximum_lag_on_failover: 1048576
    # An acknowledged write is on two nodes.
    synchronous_mode: true
    postgresql: {use_pg_rewind: true, parameters: {max_connections: 200, shared_buffers: 128MB}}
  initdb: [{encoding: UTF8}, data-checksums]
postgresql:
  listen: "0.0.0.0:5432"
  connect_address: "$HOSTNAME:5432"
  data_dir: /var/lib/postgresql/data/node
  bin_dir: /usr/lib/postgresql/17/bin
  authentication: {superuser: {username: postgres, password: "$password"}, replication: {username: replicator, password: "$password"}}
  pg_hba: ["host all all all scram-sha-256", "host replication replicator all scram-sha-256", "local all all trust"]
Y
chown -R postgres /var/lib/postgresql /tmp/patroni.yml
exec setpriv --reuid=postgres --regid=postgres --init-groups env HOME=/var/lib/postgresql patroni /tmp/patroni.yml
