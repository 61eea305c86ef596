"""`aiml-nb` as a person and a script use it: real processes, pipes and terminals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pexpect
import pytest

from aiml_nb.cli.saying import plain
from aiml_nb.cli.tutorials import copy

PROGRAM = [sys.executable, "-W", "error::DeprecationWarning:aiml_nb", "-m", "aiml_nb"]


def run(*words: str, given: bytes = b"", **env: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*PROGRAM, *words], input=given, capture_output=True, check=False, timeout=60, env={**os.environ, **env}
    )


def test_the_answer_is_on_stdout_and_all_else_on_stderr() -> None:
    """A pipe gets the answer alone; model, tokens and cost are beside it."""
    done = run("chat", "Why", "is", "the", "sky", "blue?")
    assert (0, True) == (done.returncode, b"Why is the sky blue?" in done.stdout), done.stderr
    assert b"tokens" in done.stderr
    assert b"sandbox" in done.stderr
    assert b"tokens in" not in done.stdout


def test_the_prompt_comes_from_both_ends() -> None:
    """The words of the line come first, then what is piped in."""
    alone = run("chat", given="Grüße aus dem Rohr".encode())
    assert "Grüße aus dem Rohr" in alone.stdout.decode()
    both = run("chat", "Translate:", given=b"good morning").stdout
    assert b"Translate:" in both
    assert b"good morning" in both


def test_a_file_is_attached(tmp_path: Path) -> None:
    """-a sends a file, and - sends what is piped in."""
    (tmp_path / "notes.txt").write_text("# Tides\n\nThe moon does it.\n")
    assert 0 == run("chat", "What is this?", "-a", "notes.txt").returncode
    assert 0 == run("chat", "What is this?", "-a", "-", given=b"# Tides\n\nThe moon does it.\n").returncode


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["chat"], 2, b"no prompt"),
        (["chat", "--modle", "x", "hi"], 2, b"--modle"),
        (["chat", "--timeout", "soon", "hi"], 2, b"soon"),
        (["sandbox", "--port", "70000"], 2, b"70000"),
        (["dance"], 2, b"dance"),
        ([], 2, b"COMMAND"),
        (["chat", "--at", "nowhere", "hi"], 1, b"nowhere"),
        (["chat", "-a", "missing.pdf", "hi"], 1, b"missing.pdf"),
        (["chat", "--at", "http://127.0.0.1:9/v1", "-m", "x", "hi"], 1, b"127.0.0.1"),
    ],
)
def test_errors_are_short(words: list[str], code: int, said: bytes) -> None:
    """Wrong usage is 2 and a failure 1, each told in a few lines without a traceback, nothing on stdout."""
    done = run(*words)
    assert (code, b"") == (done.returncode, done.stdout), done.stderr
    assert said in done.stderr
    assert b"Traceback" not in done.stderr
    told = [
        line for line in done.stderr.splitlines() if not line.startswith(b"[")
    ]  # [could not connect, waiting 0.6 s]
    assert code == 2 or len(told) <= 2


def test_a_wrong_key_is_not_shown() -> None:
    """A refused key is an error that does not repeat it."""
    key = "sk-" + "wrong" * 8
    server = subprocess.Popen([*PROGRAM, "sandbox"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert server.stdout
        url = server.stdout.readline().split()[1].decode()
        done = run("chat", "hi", "-m", "openai/gpt-4o", AIMLAPI_BASE_URL=url, AIMLAPI_API_KEY=key)
    finally:
        server.terminate()
        server.communicate()
    assert 1 == done.returncode
    assert key.encode() not in done.stdout + done.stderr
    assert len(done.stderr.splitlines()) <= 2, done.stderr


def test_a_closed_pipe_is_silent() -> None:
    """`| head -1` ends the answer without a word."""
    line = f"{sys.executable} -m aiml_nb chat Hello | head -c 1"
    done = subprocess.run(["bash", "-c", line], capture_output=True, check=False, stdin=subprocess.DEVNULL, timeout=60)
    assert b"Broken" not in done.stderr
    assert b"Traceback" not in done.stderr


def test_ctrl_c_ends_an_answer_with_130() -> None:
    """Ctrl-C in the middle of an answer leaves without a traceback."""
    child = pexpect.spawn(sys.executable, ["-m", "aiml_nb", "chat", "Tell me a long story"], env=slow(), timeout=30)
    child.expect("story")
    child.sendintr()
    child.expect(pexpect.EOF)
    child.close()
    assert b"Traceback" not in child.before
    assert 130 == child.exitstatus


def test_a_terminal_without_a_prompt_is_a_conversation() -> None:
    """Each line is a turn of one conversation, Ctrl-C stops an answer only, and Ctrl-D leaves."""
    child = pexpect.spawn(
        sys.executable, ["-m", "aiml_nb", "chat"], env=os.environ.copy(), timeout=30, encoding="utf-8"
    )
    child.expect("> ")
    child.sendline("My name is Ada")
    child.expect("tokens")
    child.expect("> ")
    child.sendline("And again")
    child.expect("tokens")
    child.expect("> ")
    child.sendeof()
    child.expect(pexpect.EOF)
    child.close()
    assert 0 == child.exitstatus


def slow() -> dict[str, str]:
    return {**os.environ, "AIML_NB_SANDBOX_PACE": "0.1"}


def test_a_model_cannot_steer_the_terminal() -> None:
    """Escape sequences in an answer are taken out on a terminal, and kept in a pipe."""
    assert "a[2Jb" == plain("a\x1b[2Jb")
    assert "tab\tline\n" == plain("tab\tline\n")


def test_the_sandbox_serves_other_programs() -> None:
    """`aiml-nb sandbox` prints URL and key on stdout, serves, and ends by SIGTERM with 0."""
    server = subprocess.Popen([*PROGRAM, "sandbox", "--pace", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert server.stdout
    url, key = (server.stdout.readline().split()[1].decode() for _ in range(2))
    request = urllib.request.Request(f"{url}/v1/models", headers={"Authorization": f"Bearer {key}"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
        assert b"gpt-4o" in answer.read()
    server.send_signal(signal.SIGTERM)
    _, told = server.communicate(timeout=20)
    assert 0 == server.returncode
    assert f"OPENAI_BASE_URL={url}/v1".encode() in told


def test_a_taken_port_is_told() -> None:
    """A port in use is an error in two lines."""
    server = subprocess.Popen([*PROGRAM, "sandbox"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert server.stdout
        port = server.stdout.readline().rpartition(b":")[2].strip().decode()
        done = run("sandbox", "--port", port)
    finally:
        server.terminate()
        server.communicate()
    assert (1, True) == (done.returncode, port.encode() in done.stderr), done.stderr


def test_the_tutorials_are_copied_and_never_overwritten(tmp_path: Path) -> None:
    """The copy is writable, a second run keeps what the user did, and what was deleted comes back."""
    source, mine = tmp_path / "source", tmp_path / "mine"
    source.mkdir()
    for name in ("00_start_here.ipynb", "01_chat.ipynb"):
        (source / name).write_text(name)
        (source / name).chmod(0o444)
    assert (2, 0) == copy(source, mine)
    (mine / "00_start_here.ipynb").write_text("my own words")
    (mine / "01_chat.ipynb").unlink()
    assert (1, 1) == copy(source, mine)
    assert "my own words" == (mine / "00_start_here.ipynb").read_text()


def test_lab_says_who_answers_and_hands_on_the_rest(tmp_path: Path) -> None:
    """`aiml-nb lab FOLDER --version` copies, says that the sandbox answers, and gives JupyterLab its option."""
    done = run("lab", str(tmp_path / "lessons"), "--version")
    assert 0 == done.returncode, done.stderr
    assert b"sandbox" in done.stderr
    assert done.stdout.strip()[:1].isdigit()
    assert (tmp_path / "lessons" / "00_start_here.ipynb").exists()


def test_lab_shows_a_key_masked(tmp_path: Path) -> None:
    """With a key in the environment, lab says whose it is and where it was found, not the key."""
    key = "sk-" + "test" * 8
    done = run("lab", str(tmp_path / "lessons"), "--version", AIMLAPI_API_KEY=key)
    assert b"AIMLAPI_API_KEY" in done.stderr
    assert key.encode() not in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to be told by")
def test_lab_takes_jupyterlab_with_it(tmp_path: Path) -> None:
    """Ending `aiml-nb lab` ends the JupyterLab that it started."""
    command = [*PROGRAM, "lab", str(tmp_path / "lessons"), "--no-browser", "--allow-root", "--port=0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True) as running:
        assert running.stderr is not None
        assert any("is running at" in line for line in running.stderr)
        running.terminate()
        # JupyterLab holds the pipe, too: its end is the end of both.
        running.communicate(timeout=30)
    assert 0 == running.returncode


def test_models_are_listed_on_stdout() -> None:
    """Words and a medium narrow the list down; nothing found is an error in two lines."""
    done = run("models", "video", "--medium", "video")
    assert (0, True) == (done.returncode, b"kling" in done.stdout), done.stderr
    assert b"gpt-4o" not in done.stdout
    none = run("models", "nothing-of-the-kind")
    assert (1, b"") == (none.returncode, none.stdout)
    assert 2 == run("models", "--medium", "film").returncode


def test_usage_is_of_all_programs() -> None:
    """What one process asked is summed up by the next."""
    assert b"no calls yet" in run("usage").stdout
    assert 0 == run("chat", "Hi").returncode
    done = run("usage", "--by", "medium", "--days", "1").stdout
    assert b"chat" in done
    assert b"1 call" in done
    assert 2 == run("usage", "--days", "0").returncode


def test_a_job_is_collected_by_another_process(tmp_path: Path) -> None:
    """`jobs` lists what was left, `jobs resume` prints where its file is; then nothing is left."""
    from aiml_nb import sandbox
    from aiml_nb.session import Session

    server = sandbox.start()
    try:
        session = Session(base_url=server.url, api_key=server.key)
        op = session.start("video", "waves", model="minimax/hailuo-02")
        next(state for state in op if state.job_id)
        op.close()
        session.close()
        there = {"AIMLAPI_BASE_URL": server.url, "AIMLAPI_API_KEY": server.key}
        assert b"1 job not collected" in run("jobs", **there).stdout
        done = run("jobs", "resume", **there)
        assert 0 == done.returncode, done.stderr
        assert ".mp4" == Path(done.stdout.decode().strip()).suffix
        assert Path(done.stdout.decode().strip()).is_file()
        assert b"not collected" not in run("jobs", **there).stdout
        assert 1 == run("jobs", "resume", **there).returncode
    finally:
        server.stop()
