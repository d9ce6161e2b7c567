"""A service that is not there yet, for tests of the launcher: the commands of a real one, on the
real database.

Its `serve` tells what it was configured with and what the earlier commands left in the database.
"""

import http.server
import json
import os
import sys
import time

import psycopg


def connect() -> psycopg.Connection:
    return psycopg.connect(
        os.environ["KLIMA_DATABASE_URL"].replace("+psycopg", ""), autocommit=True
    )


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/health/ready":
            return self.answer({"status": "ok"})
        if self.path == "/die":
            print("the reason of my death", file=sys.stderr, flush=True)
            os._exit(7)
        if "/balances?" in self.path:
            years = ((2022, False), (2024, True))
            return self.answer({"items": [{"year": y, "provisional": p} for y, p in years]})
        with connect() as connection:
            ran = [row[0] for row in connection.execute("select command from ran order by n")]
        settings = {name: value for name, value in os.environ.items() if name.startswith("KLIMA_")}
        return self.answer({"ran": ran, "settings": settings})

    def answer(self, content: dict[str, object]) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def main() -> None:
    command = " ".join(sys.argv[1:])
    if command.split()[0] == os.environ.get("STUB_FAILS"):
        sys.exit(f"{command} went wrong, as told")
    if command.split()[0] == os.environ.get("STUB_HANGS"):
        time.sleep(60)
    if command == "serve":
        server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", int(os.environ["KLIMA_PORT"])), Handler
        )
        return server.serve_forever()
    with connect() as connection:
        if command == "migrate":
            connection.execute("create table if not exists ran (n serial, command text)")
        connection.execute("insert into ran (command) values (%s)", (command,))
    if command.startswith("show"):
        print(f"table of {command}")
    return None


main()
