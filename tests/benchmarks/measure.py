"""The harness: each side in a process of its own, sides in turn, several times; medians, and their ratio against a bar.

A benchmark is a file here with `SIDES` (name to function, which returns numbers by name) and `BARS`. Run one with
`python tests/benchmarks/stream.py`, all of them with `python tests/benchmarks/measure.py`. Ratios within one run are what
counts: the machine may be busy, and both sides feel it alike. Exit code 1 when a bar is missed.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
KEY = "sandbox-" + "key"

Side = Callable[..., dict[str, float]]


@dataclass(frozen=True)
class Bar:
    """One claim: `ours.number` is at most `most` times `theirs.number` (or of 1, where `theirs` is empty)."""

    what: str
    ours: str
    theirs: str
    most: float
    unit: str = ""

    def judge(self, medians: dict[str, dict[str, float]]) -> bool:
        """Print the line of the table; True when the bar is reached."""
        mine = _number(medians, self.ours)
        other = _number(medians, self.theirs) if self.theirs else 1.0
        ratio = mine / other if other else float("inf")
        reached = ratio <= self.most
        against = f"{other:11.4g}" if self.theirs else " " * 11
        print(
            f"{'ok  ' if reached else 'MISS'} {self.what:<58} {mine:11.4g} {against} {self.unit:<6} "
            f"ratio {ratio:9.4g}  bar {self.most:9.4g}",
            flush=True,
        )
        return reached


def _number(medians: dict[str, dict[str, float]], name: str) -> float:
    side, _, number = name.partition(".")
    return medians[side][number]


def main(file: str, sides: dict[str, Side], bars: list[Bar], *, runs: int = 5, tls: bool = False) -> None:
    """The whole of a benchmark's `__main__`: with a side's name measure it once, else compare all sides."""
    if len(sys.argv) > 1:
        print(json.dumps(sides[sys.argv[1]](*sys.argv[2:])))
        return
    with serving(tls=tls) as (url, env):
        medians = _medians(file, list(sides), url, env, runs)
    reached = [bar.judge(medians) for bar in bars]
    sys.exit(0 if all(reached) else 1)


def _medians(file: str, names: list[str], url: str, env: dict[str, str], runs: int) -> dict[str, dict[str, float]]:
    seen: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for _ in range(runs):
        for name in names:
            seen[name].append(_measured(file, name, url, env))
    return {
        name: {key: statistics.median(each[key] for each in results) for key in results[0]}
        for name, results in seen.items()
    }


def _measured(file: str, name: str, url: str, env: dict[str, str]) -> dict[str, float]:
    done = subprocess.run([sys.executable, file, name, url], capture_output=True, text=True, check=False, env=env)
    if done.returncode:
        sys.exit(f"{Path(file).name} {name} failed:\n{done.stdout}{done.stderr}")
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


@contextlib.contextmanager
def serving(*, tls: bool = False) -> Iterator[tuple[str, dict[str, str]]]:
    """The server in its own process: its URL, and an environment with a home of its own and no provider in it."""
    with tempfile.TemporaryDirectory() as folder:
        env = {
            name: value
            for name, value in os.environ.items()
            if not re.search(r"AIML|OPENAI|_API_KEY$|_PROXY$|BASE_URL", name, re.IGNORECASE)
        }
        env |= {
            "HOME": folder,
            "AIML_NB_HOME": f"{folder}/aiml_nb",
            "IPYTHONDIR": f"{folder}/ipython",
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "",
        }
        words = []
        if tls:
            words = [_certificate(folder)]
            env["SSL_CERT_FILE"] = words[0]
        server = subprocess.Popen([sys.executable, HERE / "server.py", *words], stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout
            yield server.stdout.readline().strip(), env
        finally:
            server.terminate()
            server.wait()


def _certificate(folder: str) -> str:
    """A certificate for 127.0.0.1 with its key, in one file that is its own authority too."""
    path = f"{folder}/cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{folder}/key.pem", "-out", path]
    subprocess.run(command, check=True, capture_output=True)
    Path(path).write_text(Path(path).read_text() + Path(f"{folder}/key.pem").read_text())
    return path


@contextlib.contextmanager
def cpu(into: dict[str, float], name: str = "cpu") -> Iterator[None]:
    """CPU seconds of this process, all threads, spent inside."""
    start = time.process_time()
    yield
    into[name] = time.process_time() - start


@contextlib.contextmanager
def wall(into: dict[str, float], name: str = "wall") -> Iterator[None]:
    """Seconds on the clock spent inside."""
    start = time.perf_counter()
    yield
    into[name] = time.perf_counter() - start


@contextlib.contextmanager
def peak(into: dict[str, float], name: str = "peak") -> Iterator[None]:
    """Bytes of memory at the highest point inside, over what was in use at its beginning (Linux)."""
    Path("/proc/self/clear_refs").write_text("5")  # the high-water mark begins anew
    before = _status("VmRSS")
    yield
    into[name] = max(0, _status("VmHWM") - before)


def _status(field: str) -> int:
    match = re.search(rf"^{field}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert match
    return 1024 * int(match[1])


def our_session(url: str) -> Any:
    """A Session on the server."""
    from aiml_nb.session import Session

    return Session(base_url=url, api_key=KEY)


def their_client(url: str) -> Any:
    """OpenAI's client on the server, as its documentation makes one."""
    import openai

    return openai.OpenAI(base_url=f"{url}/v1", api_key=KEY, max_retries=0)


if __name__ == "__main__":
    codes = []
    for path in sorted(HERE.glob("*.py")):
        if path.stem not in {"measure", "server"}:
            print(f"--- {path.stem}", flush=True)
            codes.append(subprocess.run([sys.executable, path], check=False).returncode)
    sys.exit(max(codes))
