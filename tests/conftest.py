"""What every test starts from: no key, no provider, no proxy, and folders of its own.

Each test works in a temporary folder, with the store, the home and the IPython and Jupyter folders beside it, so that
nothing is read from or written to the machine it runs on. Kernels and programs started by a test inherit all of it.
The sandbox answers without its typing pace.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

#: Variables that a provider, a proxy, a test runner's colours or this package would be steered by.
STEERING = re.compile(
    r"""(AIML|OPENAI|OPENROUTER|GROQ|MISTRAL|ANTHROPIC|REWIND|OLLAMA|LMSTUDIO|LM_STUDIO|LLAMA|VLLM|BASE_URL|API_KEY
      |XDG_|JUPYTER|IPYTHON|COLAB_|NO_COLOR|FORCE_COLOR|COLUMNS|LINES|WIDGETS_)
      |.*_(API_KEY|KEY|TOKEN|PROXY|BASE_URL)$""",
    re.VERBOSE | re.IGNORECASE,
)


@pytest.fixture(autouse=True)
def own_ground(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clear the environment of anything that steers, and give the test its own folders."""
    for name in list(os.environ):
        if STEERING.match(name):
            monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    for name, folder in {
        "HOME": home,
        "USERPROFILE": home,
        "AIML_NB_HOME": home / "aiml_nb",
        "IPYTHONDIR": home / "ipython",
        "JUPYTER_CONFIG_DIR": home / "jupyter" / "config",
        "JUPYTER_DATA_DIR": home / "jupyter" / "data",
        "JUPYTER_RUNTIME_DIR": home / "jupyter" / "runtime",
    }.items():
        monkeypatch.setenv(name, str(folder))
    # Building Matplotlib's font cache takes seconds: once a run, not once a test.
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path_factory.getbasetemp() / "matplotlib"))
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("AIML_NB_SANDBOX_PACE", "0")
    monkeypatch.chdir(tmp_path)
