"""Loading, unloading, names that others have taken, configuration, and what must not be imported by it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

import aiml_nb
from aiml_nb.magics import loaded_in
from aiml_nb.magics.options import KIN, MAGICS
from tests.parrot import parrot

NAMES = {*MAGICS, *KIN.values()}

#: Packages that only some calls need, so that the others must not wait for them; the machine may have more than we use.
HEAVY = set(
    "PIL pypdf markdown_it pygments ipywidgets tornado keyring truststore dotenv tenacity tomllib click rich numpy pydantic"
    " difflib".split()
)
#: What a plain chat to a configured server has no use for: rooms, and modules of those that it needs.
IDLE = {
    f"aiml_nb.{name}"
    for name in (
        "sandbox widgets cli doctor snippet tables structured tools template magics.media"
        " session.answer session.files session.job session.jobs session.saving"
        " schema.chat schema.conform schema.convert schema.document schema.fitting schema.form schema.reading"
        " media.image media.jobs media.messages_events media.responses_events media.result media.video"
        " content.pdf content.picture content.privacy content.sources render.mathematics render.partial render.picture"
        " client.download client.embedded"
    ).split()
}
#: How many modules of ours a first plain chat may import.
MODULES = 96


def ours(ip: Any) -> set[str]:
    return {name for kind in ip.magics_manager.magics.values() for name in kind if name in NAMES}


def test_loading_adds_every_magic_under_both_names(shell: Any) -> None:
    """Each magic is there under its own name and under the one that nobody else takes."""
    assert NAMES == ours(shell.ip)


def test_unloading_leaves_nothing(shell: Any) -> None:
    """After `%unload_ext` no magic, matcher, transform, checker, event or configuration of ours is left."""
    ip = shell.ip
    shell.cell("%unload_ext aiml_nb")
    assert set() == ours(ip)
    manager = ip.input_transformer_manager
    events = [call for calls in ip.events.callbacks.values() for call in calls]
    left = [
        ip.Completer.custom_matchers,
        ip.configurables,
        manager.cleanup_transforms,
        manager.token_transformers,
        events,
    ]
    left += [ip.prefilter_manager.checkers, [ip.display_formatter.ipython_display_formatter]]
    modules = [getattr(each, "__module__", "") or type(each).__module__ for some in left for each in some]
    assert [] == [
        name for name in [*modules, *(type(e).__module__ for some in left for e in some)] if "aiml_nb" in name
    ]
    assert None is loaded_in(ip)


def test_reloading_and_loading_twice_work(shell: Any) -> None:
    """`%load_ext` twice and `%reload_ext` leave one of everything."""
    for _ in range(2):
        assert None is shell.cell("%load_ext aiml_nb").error
        assert None is shell.cell("%reload_ext aiml_nb").error
    matchers = [m for m in shell.ip.Completer.custom_matchers if m.__module__.startswith("aiml_nb")]
    assert 1 == len(matchers)
    assert None is shell.cell("%aiml").error


def test_a_name_that_is_taken_stays_with_its_owner(bare: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Where `%%chat` is another extension's, loading says so in a line, leaves it alone, and unloading does too."""

    def theirs(line: str, cell: str = "") -> str:
        return "theirs"

    bare.register_magic_function(theirs, "cell", "chat")
    try:
        aiml_nb.load_ipython_extension(bare)
        assert "%%aiml_chat" in capsys.readouterr().out
        assert "theirs" == bare.run_cell_magic("chat", "", "x")
        assert "aiml_chat" in ours(bare)
        assert "get_ipython().run_cell_magic('chat', '', 'x\\n')\n" == bare.transform_cell("%%chat\nx")
        aiml_nb.unload_ipython_extension(bare)
        assert "theirs" == bare.run_cell_magic("chat", "", "x")
    finally:
        bare.magics_manager.magics["cell"].pop("chat", None)
        aiml_nb.unload_ipython_extension(bare)


def test_a_name_taken_after_loading_is_left_by_unloading(bare: Any) -> None:
    """An extension that takes `%%image` later keeps it when ours is unloaded."""
    aiml_nb.load_ipython_extension(bare)
    bare.register_magic_function(print, "cell", "image")
    aiml_nb.unload_ipython_extension(bare)
    assert print is bare.magics_manager.magics["cell"].pop("image")


def test_a_wrong_setting_is_refused_and_forgotten(shell: Any) -> None:
    """A value that `%config` cannot take is named, the old one stays, and later settings and loads are not disturbed."""
    config = loaded_in(shell.ip)
    for name, value in {"timeout": "'soon'", "display": "'loud'", "provider": "'nobody'", "base_url": "'x'"}.items():
        cell = shell.cell(f"%config Aiml.{name} = {value}")
        assert f"Aiml.{name} cannot be {value}" in cell.out
    assert None is config.config.timeout
    assert "" == shell.cell("%config Aiml.timeout = 30").out
    assert 30 == config.config.timeout
    cell = shell.cell("%reload_ext aiml_nb")
    assert (None, "") == (cell.error, cell.out)


def test_the_settings_are_listed(shell: Any) -> None:
    """`%config Aiml` lists each setting with what it may be."""
    listed = shell.cell("%config Aiml").out
    for name in ("provider", "base_url", "model_chat", "model_image", "timeout", "display", "store_text"):
        assert f"Aiml.{name}" in listed


def loaded(*cells: str, **environment: str) -> tuple[set[str], set[str]]:
    """What a new IPython imports for these cells beyond its own: (packages of others, our modules)."""
    code = (
        "import sys; from IPython.core.interactiveshell import InteractiveShell as S; ip = S.instance(); "
        f"before = set(sys.modules); done = [ip.run_cell(cell).success for cell in {cells!r}]; assert all(done); "
        "print('', *sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, **environment}
    )
    found = set(done.stdout.splitlines()[-1].split())
    house = {name for name in found if name.split(".")[0] == "aiml_nb"}
    return {name.split(".")[0] for name in found - house}, house


def test_loading_imports_nothing_heavy() -> None:
    """Importing and loading bring in no HTTP client, pictures, widgets, JSON decoder, settings or sandbox."""
    others, house = loaded("import aiml_nb", "%load_ext aiml_nb")
    assert set() == others & HEAVY
    assert set() == others & {"httpx", "msgspec", "ssl"}
    assert set() == house & {
        f"aiml_nb.{room}" for room in ("session", "client", "settings", "sandbox", "render", "store")
    }


def test_a_first_plain_chat_imports_what_it_needs_and_no_more() -> None:
    """A kernel's first answer waits for no parser, picture, schema, job or medium that it has no use for."""
    with parrot() as bird:
        others, house = loaded(
            "%load_ext aiml_nb",
            "%%chat -m test/parrot\nhello",
            AIML_NB_DISPLAY="live",
            AIMLAPI_BASE_URL=bird.url,
            AIMLAPI_API_KEY="parrot" * 4,
        )
        assert ["hello"] == [asked["messages"][-1]["content"] for asked in bird.asked]
    assert set() == others & HEAVY
    assert {"aiml_nb.session.chat", "aiml_nb.media.drawing"} <= house
    assert set() == house & IDLE
    assert len(house) <= MODULES, "each module costs a first answer about half a millisecond"


def test_in_the_browser_importing_says_what_does_not_work() -> None:
    """In Pyodide importing prints one line."""
    code = "import sys; sys.platform = 'emscripten'; import aiml_nb"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert 1 == len(done.stdout.splitlines())
    assert "browser" in done.stdout


def test_public_names_are_found_when_used() -> None:
    """Every name in `__all__` is there, in `dir()`, and an unknown one is an AttributeError."""
    for name in aiml_nb.__all__:
        assert None is not getattr(aiml_nb, name)
    assert set(aiml_nb.__all__) <= set(dir(aiml_nb))
    with pytest.raises(AttributeError):
        aiml_nb.nothing_of_this_name


def test_the_error_classes_are_all_public() -> None:
    """Each class of the error tree can be had from the package."""
    from aiml_nb import errors

    classes = {
        name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, BaseException)
    }
    assert classes <= set(aiml_nb.__all__)
