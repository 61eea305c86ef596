"""How many packages `pip install aiml-nb` adds to a fresh environment that has ipykernel. Asks the package index."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import ROOT, Bar, main


def ours(url: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        pip = [f"{folder}/bin/python", "-m", "pip", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "ipykernel"], check=True, capture_output=True)
        report = Path(folder) / "report.json"
        subprocess.run([*pip, "install", "--dry-run", "--report", report, ROOT], check=True, capture_output=True)
        added = sorted(each["metadata"]["name"] for each in json.loads(report.read_text("utf-8"))["install"])
    print(*added, file=sys.stderr)
    return {"packages": float(len([name for name in added if name.replace("_", "-") != "aiml-nb"]))}


if __name__ == "__main__":
    main(__file__, {"ours": ours}, [Bar("packages added over ipykernel", "ours.packages", "", 18)], runs=1)
