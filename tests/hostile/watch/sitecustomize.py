"""Watches the event loop of a service: Python imports this before the program, where `PYTHONPATH`
names this folder.

Whenever the loop came back late, one line is written: when (monotonic), seconds on the wall, and
seconds of computing in the loop's own thread, which no other program on the machine makes longer.
"""

import asyncio
import os
import time
from pathlib import Path

from klima_shared.service import server

PAUSE = 0.005
LATE = 0.02
_settle = server.settle_memory
_tasks = []


async def watch() -> None:
    folder = Path(os.environ["KLIMA_TEST_WATCH"])
    with (folder / f"{os.getpid()}.late").open("a", buffering=1) as log:
        while True:
            wall, computing = time.monotonic(), time.thread_time()
            await asyncio.sleep(PAUSE)
            now = time.monotonic()
            late, computed = now - wall - PAUSE, time.thread_time() - computing
            if max(late, computed) > LATE:
                log.write(f"{now:.3f} {late:.4f} {computed:.4f}\n")


def settle_and_watch() -> None:
    _settle()
    _tasks.append(asyncio.get_running_loop().create_task(watch()))


server.settle_memory = settle_and_watch
