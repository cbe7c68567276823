"""The package as `pip install` gets it: built from what is in the repository, installed apart from it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from madoguchi.project import conf

TREE = Path(conf.__file__).parents[3]
UV = shutil.which("uv", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
SAYS = """
import gettext, sys
from pathlib import Path
import madoguchi
root = Path(madoguchi.__file__).parent
assert root.is_relative_to(sys.prefix), root
words = [gettext.translation("django", folder, ["ja"]) for folder in sorted(root.rglob("locale"))]
print(len(words), gettext.translation("django", root / "look" / "locale", ["ja"]).gettext("Passkey"))
"""


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(UV is None or not (TREE / ".git").exists(), reason="needs uv and the repository")
def test_an_installed_package_speaks_japanese(tmp_path: Path) -> None:
    assert UV is not None
    source, wheels, scratch = (tmp_path / name for name in ("source", "wheels", "scratch"))
    # As a fresh clone: without the catalogues that were compiled here.
    leave = shutil.ignore_patterns("*.mo", "__pycache__", "*.egg-info")
    shutil.copytree(TREE / "src", source / "src", ignore=leave)
    shutil.copytree(TREE / "requirements", source / "requirements")
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(TREE / name, source)

    run(UV, "build", "--wheel", "--quiet", "--out-dir", wheels, source, cwd=tmp_path)
    run(UV, "venv", "--quiet", "--python", sys.executable, scratch, cwd=tmp_path)
    [wheel] = wheels.glob("*.whl")
    python = scratch / "bin" / "python"
    run(UV, "pip", "install", "--quiet", "--no-deps", "--python", python, wheel, cwd=tmp_path)

    expected = len(list((TREE / "src").rglob("locale/ja/LC_MESSAGES/django.po")))
    assert run(python, "-c", SAYS, cwd=tmp_path) == f"{expected} パスキー\n"
