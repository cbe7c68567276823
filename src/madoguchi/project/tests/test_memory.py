"""What the web process loads before it is forked."""

import gc
import os
import subprocess
import sys

import pytest
from django.template import engines

from madoguchi.project import memory


@pytest.fixture(autouse=True)
def _thawed() -> object:
    yield
    gc.unfreeze()


def test_addresses_and_templates_are_there_before_the_workers_are() -> None:
    memory.keep_heap_in_few_pieces()

    memory.load_before_forking()

    assert gc.get_freeze_count() > 0
    [loader] = engines["django"].engine.template_loaders
    cached = loader.loaders[0]
    assert any("desk/" in str(key) for key in cached.get_template_cache)


def test_every_template_is_found_by_its_name() -> None:
    names = memory._templates()
    assert "look/base.html" in names
    assert "403.html" in names


def test_what_reads_strangers_files_is_loaded_by_nobody_but_its_own_process() -> None:
    code = "import sys, madoguchi.project.asgi; print('pypdf' in sys.modules)"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}

    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)

    assert done.stdout.split() == [b"False"]


def test_what_a_command_has_loaded_is_not_searched_again_for_what_is_done_with() -> None:
    code = """
import gc
from madoguchi.project.cli.commands import set_up_django
set_up_django()
loaded = gc.get_freeze_count()
set_up_django()
print(loaded > 100_000, gc.get_freeze_count() == loaded, gc.isenabled())
"""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}

    told = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )

    assert told.stdout == "True True True\n"
