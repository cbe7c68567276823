"""Small processes: what all workers need is loaded once before they are forked, and the heap stays in few pieces."""

import ctypes
import gc
from pathlib import Path

from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.urls import get_resolver
from django.utils import translation

from madoguchi.desk import compiled

_M_ARENA_MAX = -8
_PACKAGE = Path(__file__).resolve().parent.parent


def keep_heap_in_few_pieces() -> None:
    """Two malloc arenas instead of eight a core: threads that answer pages would each fill their own.

    glibc's own knob; where there is no glibc nothing happens.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 2)


def load_before_forking() -> None:
    """Addresses, templates and languages, which otherwise every worker would load for itself."""
    _ = get_resolver().url_patterns
    for language in ("ja", "en"):
        with translation.override(language):
            translation.get_language_info(language)
    for name in _templates():
        try:
            get_template(name)
        except TemplateDoesNotExist:
            continue
    compiled.load_all()
    gc.unfreeze()  # what was done with while Django was set up
    gc.collect()
    gc.freeze()


def _templates() -> list[str]:
    folders = [path for path in _PACKAGE.rglob("templates") if path.is_dir()]
    return sorted(str(f.relative_to(folder)) for folder in folders for f in folder.rglob("*.html"))
