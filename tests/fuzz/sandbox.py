"""Runs a function in a child process with limits, so that a hang or a crash is only an outcome.

The child is forked, so that nothing is imported again; it answers through a pipe. Limits: seconds
of processor time, address space, afterwards the memory that it really touched, and much later the
wall clock, for what waits without working.
"""

from __future__ import annotations

import os
import pickle
import resource
import select
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from tests.fuzz.judge import Verdict

SECONDS = 30
"""Of processor time, whatever else the machine does."""
PATIENCE = 600
"""Seconds of wall clock."""
ADDRESS_SPACE = 12 << 30
RESIDENT_KIB = 1_500_000


@dataclass(frozen=True)
class Child:
    """A running child: its process and the reading end of its pipe."""

    process: int
    pipe: int
    deadline: float


def start(action: Callable[[], Verdict]) -> Child:
    reading, writing = os.pipe()
    process = os.fork()
    if process:
        os.close(writing)
        return Child(process, reading, time.monotonic() + PATIENCE)
    try:
        os.close(reading)
        _limit()
        verdict = _caught(action)
        with os.fdopen(writing, "wb") as stream:
            stream.write(pickle.dumps(verdict))
    finally:
        os._exit(0)


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)


def _caught(action: Callable[[], Verdict]) -> Verdict:
    try:
        return action()
    except BaseException:
        return Verdict("traceback", traceback.format_exc()[-2500:])


def finish(children: list[Child]) -> tuple[Child, Verdict]:
    """Wait for the first child to answer, to die or to take too long; remove it from the list."""
    while True:
        left = min(child.deadline for child in children) - time.monotonic()
        ready, _, _ = select.select([child.pipe for child in children], [], [], max(0.0, left))
        for child in children:
            if child.pipe in ready or time.monotonic() > child.deadline:
                children.remove(child)
                return child, _verdict(child, child.pipe in ready)


def _verdict(child: Child, answered: bool) -> Verdict:
    data = _all(child) if answered else b""
    if not data and time.monotonic() > child.deadline:
        os.kill(child.process, signal.SIGKILL)
        answered = False
    os.close(child.pipe)
    _, status, usage = os.wait4(child.process, 0)
    late = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU
    if late or (not data and not answered):
        return Verdict("hang", f"no answer after {SECONDS} s of work or {PATIENCE} s of waiting")
    if os.WIFSIGNALED(status) or not data:
        return Verdict("crash", f"signal {os.WTERMSIG(status)}, {usage.ru_maxrss >> 10} MiB")
    if usage.ru_maxrss > RESIDENT_KIB:
        return Verdict("memory", f"{usage.ru_maxrss >> 10} MiB touched")
    verdict: Verdict = pickle.loads(data)
    return verdict


def _all(child: Child) -> bytes:
    parts = []
    while part := os.read(child.pipe, 1 << 16):
        parts.append(part)
    return b"".join(parts)
