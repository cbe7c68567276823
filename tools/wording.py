"""The words on the screens: every msgid of an app, from its Python and its templates.

Used by the tool that keeps the catalogues complete and by the house test that fails where one is not.
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Entry
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

SOURCE = Path(__file__).resolve().parent.parent / "src" / "madoguchi"
_KEYWORDS = {
    "gettext": None,
    "gettext_lazy": None,
    "_lazy": None,
    "_": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
}
# What a module without Django marks for whoever says it.
_KEYWORDS |= {"N_": None}
_KEYWORDS |= {"pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3)}
_HEADER = """\
# Japanese. Complete, plain and polite.
msgid ""
msgstr ""
"Project-Id-Version: Madoguchi\\n"
"Language: ja\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""
_FROM_OUTSIDE = "# Said by "
_IN_TEMPLATE = re.compile(
    r"""\b(gettext|pgettext|ngettext|npgettext)\(((?:\s*u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")\s*,?)+)"""
)
# An entry that the next one follows without a line between.
_CLOSE = re.compile(r'(^msgstr(?:\[\d\])? .*\n(?:".*"\n)*)(?=msgctxt |msgid |#)', re.MULTILINE)
Message = str | tuple[str, ...]
Key = tuple[tuple[str, ...], str]


def apps() -> list[Path]:
    """The folders of all apps that have words."""
    return sorted(path.parent for path in SOURCE.rglob("locale") if path.is_dir())


def catalogue_file(app: Path) -> Path:
    """Where an app's Japanese is kept."""
    return app / "locale" / "ja" / "LC_MESSAGES" / "django.po"


def extracted(app: Path) -> Catalog:
    """Every msgid that an app's code and templates use, with where it stands."""
    found = Catalog(locale="ja", charset="utf-8", fuzzy=False)
    for path in _files(app):
        place = str(path.relative_to(app))
        for message, context in _messages(path):
            found.add(message, locations=[(place, 1)], context=context)
    return found


def kept(app: Path) -> Catalog:
    """The app's catalogue as it is; empty where there is none yet."""
    file = catalogue_file(app)
    if not file.exists():
        return Catalog(locale="ja")
    with file.open("rb") as handle:
        return read_po(handle, locale="ja")


def update(app: Path) -> int:
    """Bring an app's catalogue up to its words; returns how many still need Japanese.

    What stands there stays as and where it is, so that a change of words is all that a commit shows.
    """
    file = catalogue_file(app)
    before = file.read_text() if file.exists() else _HEADER
    after = brought_up(before, extracted(app))
    if after != before or not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(after)
    return sum(not _is_said(m.string) for m in kept(app) if m.id)


def brought_up(text: str, words: Catalog) -> str:
    """The catalogue without the entries that no word has, and with those that are new, in their alphabetical place.

    A word that a package from outside says, and that we say better, stays: its comment names the package.
    """
    spread = _CLOSE.sub(r"\1\n", text.strip("\n"))
    header, *blocks = [block for block in spread.split("\n\n") if block.strip()]
    wanted = {_key(m): m for m in words if m.id}
    there: dict[Key, str] = {}
    for block in blocks:
        for key in _keys(block):
            if key in wanted or block.startswith(_FROM_OUTSIDE):
                there.setdefault(key, block)
    order = list(there)
    for key in sorted(wanted.keys() - there.keys()):
        order.insert(next((n for n, other in enumerate(order) if other > key), len(order)), key)
    new = {key: _block(wanted[key]) for key in order if key not in there}
    if not new and [*there.values()] == blocks:
        return text
    return "\n\n".join([header, *({**there, **new}[key] for key in order)]) + "\n"


def _key(message: Entry) -> Key:
    ids = (message.id,) if isinstance(message.id, str) else tuple(message.id)
    return (ids, message.context or "")


def _keys(block: str) -> list[Key]:
    return [_key(m) for m in read_po(io.BytesIO(block.encode()), locale="ja") if m.id]


def _block(message: Entry) -> str:
    alone, out = Catalog(locale="ja", charset="utf-8", fuzzy=False), io.BytesIO()
    alone[message.id] = message
    write_po(out, alone, no_location=True, omit_header=True, width=100)
    return out.getvalue().decode().strip("\n")


def lacking(app: Path) -> list[str]:
    """Words of an app that have no finished Japanese, as `msgid` lines; fuzzy ones are not finished."""
    have = kept(app)
    missing = []
    for message in extracted(app):
        if not message.id:
            continue
        entry = have.get(message.id if isinstance(message.id, str) else message.id[0], message.context)
        if entry is None or entry.fuzzy or not _is_said(entry.string):
            missing.append(str(message.id))
    return missing


def _is_said(string: Message) -> bool:
    return all(string) if isinstance(string, tuple | list) else bool(string)


def _files(app: Path) -> Iterator[Path]:
    within = {other for other in apps() if other != app and app in other.parents}
    for path in sorted(app.rglob("*")):
        tests = "tests" in path.parts or "migrations" in path.parts
        if path.suffix in (".py", ".html", ".txt") and not tests and not within & set(path.parents):
            yield path


def _messages(path: Path) -> Iterator[tuple[Message, str | None]]:
    written_in = "python" if path.suffix == ".py" else "jinja2" if "parts" in path.parts else ""
    if written_in:
        with path.open("rb") as handle:
            for _line, message, _comments, context in extract(written_in, handle, keywords=_KEYWORDS):
                yield message, context
        return
    for match in _IN_TEMPLATE.finditer(templatize(path.read_text(), origin=str(path))):
        yield _call(match[1], [_unquoted(s) for s in _strings(match[2])])


def _call(function: str, strings: list[str]) -> tuple[Message, str | None]:
    context = strings.pop(0) if function.startswith(("p", "np")) else None
    plural = "ngettext" in function or "npgettext" in function
    return (tuple(strings[:2]) if plural else strings[0]), context


def _strings(arguments: str) -> list[str]:
    return re.findall(r"""u?('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")""", arguments)


def _unquoted(literal: str) -> str:
    body = literal[1:-1]
    return re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t"}.get(m[1], m[1]), body)


def main() -> None:
    """Bring every catalogue up to its words and say how many still need Japanese."""
    settings.configure()
    for app in apps():
        print(f"{app.relative_to(SOURCE)}: {update(app)} to translate")


if __name__ == "__main__":
    main()
