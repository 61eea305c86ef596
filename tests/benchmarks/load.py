"""CPU of `import aiml_nb` and `%load_ext aiml_nb` with IPython up, against `import openai` in the same place."""

from __future__ import annotations

import sys

from measure import Bar, cpu, main

HEAVY = ("httpx", "PIL", "ipywidgets", "msgspec", "tornado", "markdown_it", "pydantic", "truststore")


def shell() -> object:
    from IPython.core.interactiveshell import InteractiveShell

    return InteractiveShell.instance()


def ours(url: str) -> dict[str, float]:
    ip, out = shell(), {}
    before = set(sys.modules)
    with cpu(out):
        import aiml_nb  # noqa: F401

        ip.run_line_magic("load_ext", "aiml_nb")
    loaded = {name.split(".")[0] for name in set(sys.modules) - before}
    assert not loaded & set(HEAVY), loaded & set(HEAVY)
    assert "chat" in ip.magics_manager.magics["cell"]
    return out | {"modules": float(len(set(sys.modules) - before))}


def theirs(url: str) -> dict[str, float]:
    shell()
    out: dict[str, float] = {}
    with cpu(out):
        import openai  # noqa: F401
    return out


if __name__ == "__main__":
    main(
        __file__,
        {"ours": ours, "openai": theirs},
        [Bar("CPU of import and %load_ext, IPython already up", "ours.cpu", "openai.cpu", 1 / 50, "s")],
        runs=7,
    )
