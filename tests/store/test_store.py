"""The store as a whole: modes, several processes and threads, kills, broken and full disks, size and prune."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from aiml_nb.costs import Cost, Usage
from aiml_nb.errors import InvalidRequestError
from aiml_nb.home import home
from aiml_nb.store import Call, Size, Store
from aiml_nb.store.database import MIGRATIONS

ROOT = Path(__file__).parents[2]
CALL = Call(
    medium="chat",
    model="m",
    provider="p",
    host="h",
    run="r",
    prompt={"messages": [{"role": "user", "content": "hello"}]},
)
HELLO = [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "hi"}]
posix = pytest.mark.skipif(sys.platform == "win32", reason="modes and signals of POSIX")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "home")


def child(code: str, folder: Path) -> subprocess.Popen[str]:
    """Another process, with `store` in it, its output read line by line."""
    begin = f"from pathlib import Path\nfrom aiml_nb.store import *\nstore = Store(Path({str(folder)!r}))\n"
    begin += "call = Call(medium='chat', model='m', provider='p', host='h', run='other')\n"
    return subprocess.Popen(
        [sys.executable, "-c", begin + textwrap.dedent(code)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


def test_nothing_is_opened_until_it_is_used() -> None:
    """Making a store writes nothing; its home is AIML_NB_HOME."""
    store = Store()
    assert home() == store.home
    assert not store.home.exists()
    store.calls.begin(CALL)
    assert (store.home / "store.sqlite").exists()


@posix
def test_files_are_the_users_own(store: Store) -> None:
    """Every file has mode 0600 and every folder 0700, whatever the umask."""
    before = os.umask(0)
    try:
        store.calls.begin(CALL)
        store.media.put(b"x")
        store.media.scratch()
    finally:
        os.umask(before)
    assert 0o700 == stat.S_IMODE(store.home.stat().st_mode)
    for path in store.home.rglob("*"):
        assert (0o700 if path.is_dir() else 0o600) == stat.S_IMODE(path.stat().st_mode), path


def test_two_processes_write_at_once(store: Store) -> None:
    """Two kernels that begin, finish and append turns at the same time lose nothing."""
    code = """
        for i in range(200):
            store.calls.finish(store.calls.begin(call), 'ok', reply=str(i))
            store.conversations.append_turn('shared', 'main', [{'role': 'user', 'content': str(i)}])
        assert not store.problem, store.problem
    """
    children = [child(code, store.home) for _ in range(2)]
    for each in children:
        each.communicate(timeout=60)
    assert [0, 0] == [each.returncode for each in children]
    assert 400 == len(store.calls.rows(status="ok"))
    assert list(range(400)) == [turn.position for turn in store.conversations.turns("shared", "main")]


def test_threads_share_a_store(store: Store) -> None:
    """Sixteen threads may write through one store."""

    def work(number: int) -> None:
        for _ in range(25):
            store.calls.finish(store.calls.begin(CALL), "ok", reply=str(number))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 400 == store.calls.totals()[0]["calls"]
    assert "" == store.problem


@posix
def test_a_kill_between_begin_and_finish_leaves_a_trace(store: Store) -> None:
    """After kill -9 in the middle of a reply, the call is in the ledger with what had come, and the store works."""
    code = """
        row = store.calls.begin(call)
        store.calls.progress(row, 'half of an ans')
        print(row, flush=True)
        import time; time.sleep(60)
    """
    process = child(code, store.home)
    row = int(process.stdout.readline())
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    (found,) = store.calls.rows(status="sent")
    assert (row, "half of an ans", None) == (found["id"], found["reply"], found["usd"])
    store.calls.finish(store.calls.begin(CALL), "ok")
    assert "" == store.problem


@posix
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_fork_gets_a_connection_of_its_own(store: Store) -> None:
    """After a fork parent and child both write, and the file stays whole."""
    store.calls.begin(CALL)
    pid = os.fork()
    if pid == 0:
        for _ in range(50):
            store.calls.begin(CALL)
        os._exit(bool(store.problem))
    for _ in range(50):
        store.calls.begin(CALL)
    assert 0 == os.waitpid(pid, 0)[1]
    assert 101 == len(store.calls.rows())
    with sqlite3.connect(store.home / "store.sqlite") as connection:
        assert "ok" == connection.execute("PRAGMA integrity_check").fetchone()[0]
    connection.close()


def spoil_header(path: Path) -> None:
    path.write_bytes(b"this is no database at all " * 400)


def spoil_pages(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    data = bytearray(path.read_bytes())
    data[2048:] = b"\xa5" * (len(data) - 2048)
    path.write_bytes(data)


@pytest.mark.parametrize("spoil", [spoil_header, spoil_pages])
def test_a_damaged_file_is_set_aside_and_said(store: Store, spoil: Callable[[Path], None]) -> None:
    """A broken database is renamed, a new one begun, the call goes on, and `problem` says where the old one is."""
    for _ in range(100):
        store.calls.begin(CALL)
    store.close()
    path = store.home / "store.sqlite"
    spoil(path)
    fresh = Store(store.home)
    fresh.calls.begin(CALL)
    assert 1 == len(fresh.calls.rows())
    (aside,) = store.home.glob("store.sqlite.broken-*")
    assert str(aside) in fresh.problem
    again = Store(store.home)
    assert (1, "") == (len(again.calls.rows()), again.problem)


def test_a_home_that_cannot_be_made_means_memory(tmp_path: Path) -> None:
    """Where the home is a file, everything works in memory and one sentence says so."""
    (tmp_path / "taken").write_text("")
    store = Store(tmp_path / "taken" / "home")
    row = store.calls.begin(CALL)
    store.calls.finish(row, "ok", reply="yes")
    store.conversations.append_turn("r", "main", HELLO)
    assert "yes" == store.calls.rows()[0]["reply"]
    assert HELLO == store.conversations.turns("r", "main")[0].messages
    assert b"x" == store.media.put(b"x", "image/png").read_bytes()
    assert "nothing is stored" in store.problem
    assert "\n" not in store.problem


@posix
def test_a_read_only_home_keeps_what_can_be_read(store: Store) -> None:
    """In a home that lost its write permission, earlier conversations are still there and calls go on, in memory."""
    store.conversations.append_turn("r", "main", HELLO)
    store.close()
    code = """
        import json, os
        if os.geteuid() == 0:  # root may write anywhere: be somebody else
            os.setgid(65534); os.setuid(65534)
        store.calls.begin(call)
        store.conversations.append_turn('r', 'main', [{'role': 'user', 'content': 'more'}])
        print(json.dumps([store.problem, len(store.conversations.turns('r', 'main')), len(store.calls.rows())]), flush=True)
    """
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in store.home.parents}
    modes = {path: mode for path, mode in modes.items() if not mode & stat.S_IXOTH}  # pytest's own: closed to others
    try:
        for path in modes:
            path.chmod(0o755)
        (store.home / "store.sqlite").chmod(0o444)
        store.home.chmod(0o555)
        out, _ = child(code, store.home).communicate(timeout=30)
    finally:
        for path, mode in modes.items():
            path.chmod(mode)
        store.home.chmod(0o700)
    problem, turns, calls = json.loads(out)
    assert "nothing is stored" in problem
    assert (2, 1) == (turns, calls)


def test_a_full_disk_breaks_no_call(store: Store) -> None:
    """When no page can be added, the store goes on in memory with the conversation that was there."""
    store.conversations.append_turn("r", "main", HELLO)
    row = store.calls.begin(CALL)
    # SQLite's own limit on the file's pages gives the error of a full disk.
    store._database.run(lambda db: db.execute("PRAGMA max_page_count=1"))
    store.calls.finish(row, "ok", reply="z" * 1_000_000)
    store.conversations.append_turn("r", "main", HELLO)
    assert "full" in store.problem
    assert 2 == len(store.conversations.turns("r", "main"))
    assert 1_000_000 == len(store.calls.rows()[0]["reply"])


def test_a_newer_format_is_left_alone(store: Store) -> None:
    """A file that a later version wrote is not touched; this kernel works in memory and says why."""
    store.calls.begin(CALL)
    store._database.run(lambda db: db.execute(f"PRAGMA user_version={len(MIGRATIONS) + 1}"))
    store.close()
    old = Store(store.home)
    old.calls.begin(CALL)
    assert "newer" in old.problem
    assert [] == list(store.home.glob("*.broken-*"))
    with sqlite3.connect(store.home / "store.sqlite") as connection:
        assert 1 == connection.execute("SELECT count(*) FROM calls").fetchone()[0]
    connection.close()


@posix
def test_a_removed_home_is_made_again(store: Store) -> None:
    """Whoever deletes the folder under a running kernel loses the past and nothing more."""
    store.calls.begin(CALL)
    shutil.rmtree(store.home)
    store.calls.begin(CALL)
    store.calls.begin(CALL)
    assert (store.home / "store.sqlite").exists()
    assert "" == store.problem


def test_a_transaction_left_open_by_ctrl_c_is_rolled_back(store: Store) -> None:
    """An interrupt between BEGIN and its guard costs that write and nothing after it."""
    store.calls.begin(CALL)
    store._database.run(lambda db: db.execute("BEGIN IMMEDIATE"))
    store.conversations.append_turn("r", "main", HELLO)
    store.calls.begin(CALL)
    assert (2, 1, "") == (store.size().calls, store.size().turns, store.problem)


def test_store_text_off_leaves_hashes_and_numbers(store: Store) -> None:
    """Without text no word is on disk, the numbers are, and this process's conversation still works."""
    store.store_text = False
    secret = "rosebud" * 3
    row = store.calls.begin(Call(medium="chat", model="m", provider="p", host="h", prompt={"x": secret}))
    store.calls.progress(row, secret)
    store.calls.finish(row, "ok", reply=secret, usage=Usage(3, 4, 7), cost=Cost(0.5, None, "meta"))
    store.conversations.append_turn("r", "main", [{"role": "user", "content": secret}])
    (found,) = store.calls.rows()
    assert (None, None, 7, 0.5) == (found["prompt"], found["reply"], found["total_tokens"], found["usd"])
    assert 64 == len(found["prompt_sha256"]) == len(found["reply_sha256"])
    assert [{"role": "user", "content": secret}] == store.conversations.turns("r", "main")[0].messages
    assert [] == store.conversations.recent()
    assert store.conversations.turns("r", "main")[0].messages is not None
    assert Store(store.home).conversations.turns("r", "main")[0].messages is None
    store.close()
    assert b"rosebud" not in b"".join(path.read_bytes() for path in store.home.rglob("*") if path.is_file())


def test_size_and_prune_by_age(store: Store) -> None:
    """What is older goes, with its media; a file that a kept call made stays."""
    old, kept = store.media.put(b"old" * 1000, "image/png"), store.media.put(b"kept", "image/png")
    store.calls.finish(store.calls.begin(CALL), "ok", media=[old])
    store.conversations.append_turn("r", "main", HELLO)
    for path in (old, kept):
        os.utime(path, (1, 1))
    time.sleep(0.01)
    edge = datetime.now()
    store.calls.finish(store.calls.begin(CALL), "ok", media=[kept])
    assert (2, 1, 2, 3004) == (
        store.size().calls,
        store.size().turns,
        store.size().media_files,
        store.size().media_bytes,
    )
    gone = store.prune(older_than=edge)
    assert (1, 1, 1, 3000) == (gone.calls, gone.turns, gone.media_files, gone.media_bytes)
    assert (1, 0, 1) == (store.size().calls, store.size().turns, store.size().media_files)
    assert kept.exists()
    assert Size() == store.prune(older_than=timedelta(days=3))


def test_prune_everything_empties_the_disk(store: Store) -> None:
    """After it no row, no file and no word is left, and the space is given back."""
    for _ in range(50):
        store.calls.finish(store.calls.begin(CALL), "ok", reply="rosebud" * 1000)
    store.conversations.append_turn("r", "main", HELLO)
    store.media.put(b"x" * 1000)
    (store.home / "store.sqlite.broken-1").write_text("rosebud")
    before = store.size().database_bytes
    gone = store.prune(everything=True)
    assert (50, 1, 1) == (gone.calls, gone.turns, gone.media_files)
    assert before > 3 * store.size().database_bytes
    assert gone.database_bytes > 0
    store.close()
    assert b"rosebud" not in b"".join(path.read_bytes() for path in store.home.rglob("*") if path.is_file())


@pytest.mark.parametrize("given", [{}, {"everything": True, "older_than": timedelta(1)}])
def test_prune_wants_to_know_what(store: Store, given: dict[str, object]) -> None:
    """Neither or both is an error, and nothing goes."""
    store.calls.begin(CALL)
    with pytest.raises(InvalidRequestError):
        store.prune(**given)
    assert 1 == store.size().calls


def test_a_call_costs_little(store: Store) -> None:
    """A begin and a finish cost under a millisecond of CPU together, and sums over 10,000 rows under 100 ms."""
    store.calls.begin(CALL)
    begun = time.process_time()
    for _ in range(300):
        store.calls.finish(store.calls.begin(CALL), "ok", reply="word " * 100, usage=Usage(1, 2, 3))
    assert time.process_time() - begun < 0.3
    insert = "INSERT INTO calls (time, run, medium, model, provider, host, status) SELECT time, run, medium, model, provider, host, status FROM calls"
    while store.size().calls < 10_000:
        store._database.run(lambda db: db.execute(insert))
    begun = time.process_time()
    assert store.calls.totals("day")[0]["calls"] >= 10_000
    assert time.process_time() - begun < 0.1
