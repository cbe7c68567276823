"""Compiles the catalogues of translations that changed."""

from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src" / "madoguchi"


def catalogues() -> list[Path]:
    return sorted(SOURCE.rglob("locale/*/LC_MESSAGES/django.po"))


def compile_changed() -> None:
    changed = [po for po in catalogues() if not _is_newer(po.with_suffix(".mo"), po)]
    if not changed:
        return
    # Babel is slow to load, and most of the time nothing changed.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for po in changed:
        with po.open("rb") as text, po.with_suffix(".mo").open("wb") as binary:
            write_mo(binary, read_po(text))


def _is_newer(made: Path, source: Path) -> bool:
    return made.exists() and made.stat().st_mtime >= source.stat().st_mtime


if __name__ == "__main__":
    compile_changed()
