"""Documents written as JSON, read with an eye for what is wrong. The form stands in docs/documents.md. Pure."""

import difflib
import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from madoguchi.commerce.documents.document import Document, Party
from madoguchi.commerce.documents.kinds import Kind
from madoguchi.commerce.documents.registration import registration_number
from madoguchi.commerce.documents.tax import RATES, Line, Rounding
from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import clean, one_line

MOST_BYTES, MOST_LINES, MOST_TERMS = 2_000_000, 1_000, 20
_MOST_DIGITS, _MOST_PLACES = 10, 6
_MOST_YEN = 10**12
_LONG = 2_000
_OF_DOCUMENTS = (
    "lines", "number", "date", "issuer", "recipient", "rounding", "medium", "by_card", "reissue", "purpose",
    "due_date", "bank", "original_number", "original_date", "notes", "person", "terms",
)  # fmt: skip
_OF_LINES = ("name", "quantity", "unit_price", "tax_rate", "tax_included")
_OF_PARTIES = ("name", "registration_number", "address", "phone", "mail", "representative")
_OF_TERMS = ("title", "words")
# What nobody is asked to pay less than nothing by.
_ASKING = (Kind.INVOICE, Kind.RECEIPT)
_NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")
_ROUNDINGS = {
    "切り捨て": Rounding.FLOOR,
    "切捨て": Rounding.FLOOR,
    "四捨五入": Rounding.HALF_UP,
    "half_up": Rounding.HALF_UP,
    "切り上げ": Rounding.CEIL,
    "切上げ": Rounding.CEIL,
}
_ON_PAPER = {"paper": True, "紙": True, "electronic": False, "電子": False}
Read = TypeVar("Read")


def read_document(kind: Kind, content: bytes) -> Document:
    """The document of a file, whole or not: `missing_from` says what it lacks. Raises Refused for nonsense."""
    said = _json(content)
    if isinstance(said, list):
        said = {"lines": said}
    if not isinstance(said, dict):
        raise Refused(_("The file holds no document: a JSON object with “lines” is wanted."))
    _only(said, _OF_DOCUMENTS)
    document = _document(kind, said)
    if kind in _ASKING and document.totals.total < 0:
        raise Refused(
            _(
                "This comes to less than nothing (%(total)s yen). What is given back goes on a return slip, %(kind)s."
            )
            % {"total": f"{document.totals.total:,}", "kind": Kind.RETURN_SLIP.value},
            field="lines",
        )
    return document


def _document(kind: Kind, said: Mapping[str, Any]) -> Document:
    return Document(
        kind=kind,
        lines=_lines(said.get("lines")),
        number=_text(said, "number"),
        date=_date(said, "date"),
        issuer=_party(said, "issuer"),
        recipient=_party(said, "recipient"),
        rounding=_rounding(said),
        on_paper=_one_of(said, "medium", _ON_PAPER, True),
        by_card=_flag(said, "by_card"),
        reissue=_flag(said, "reissue"),
        purpose=_text(said, "purpose"),
        due_date=_date(said, "due_date"),
        bank=_text(said, "bank"),
        original_number=_text(said, "original_number"),
        original_date=_date(said, "original_date"),
        notes=_text(said, "notes", most=_LONG),
        person=_text(said, "person"),
        terms=_terms(said.get("terms")),
    )


def _json(content: bytes) -> Any:
    if len(content) > MOST_BYTES:
        raise Refused(_("The file is larger than %(most)s bytes.") % {"most": MOST_BYTES})
    try:
        return json.loads(
            content.decode("utf-8-sig"),
            parse_float=Decimal,
            parse_constant=_no_number,
            object_pairs_hook=_once,
        )
    except UnicodeDecodeError as error:
        raise Refused(_("The file is not written in UTF-8.")) from error
    except json.JSONDecodeError as error:
        where = {"line": error.lineno, "column": error.colno}
        raise Refused(_("The file is no JSON: line %(line)s, column %(column)s.") % where) from error
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise Refused(_("The file is no JSON that could be read.")) from error


def _no_number(word: str) -> None:
    raise Refused(_("“%(word)s” is no number.") % {"word": word})


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object, in which nothing is said twice: of two values nobody knows which is meant."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise Refused(_("“%(field)s” is said twice.") % {"field": _short(name)}, field=name)
        found[name] = value
    return found


def _only(said: Mapping[str, Any], known: tuple[str, ...], *, at: str = "") -> None:
    """Raises Refused for a name that nobody knows: what it says would be left out of what is charged."""
    for name in said:
        if name in known or name.startswith("_"):
            continue
        field = f"{at}.{name}" if at else name
        if near := difflib.get_close_matches(name.lower()[:60], known, n=1):
            words = {"field": _short(field), "near": near[0]}
            raise Refused(_("“%(field)s” is unknown; “%(near)s” is meant?") % words, field=field)
        words = {"field": _short(field), "known": ", ".join(known)}
        raise Refused(_("“%(field)s” is unknown; known are %(known)s.") % words, field=field)


def _lines(said: Any) -> tuple[Line, ...]:
    if said is None or said == []:
        raise Refused(_("“lines” is missing: a document has one line at least."), field="lines")
    if not isinstance(said, list):
        raise Refused(_("“lines” is a list of objects."), field="lines")
    if len(said) > MOST_LINES:
        raise Refused(_("A document has %(most)s lines at most.") % {"most": MOST_LINES}, field="lines")
    return tuple(_line(one, f"lines[{place}]") for place, one in enumerate(said, 1))


def _line(said: Any, at: str) -> Line:
    if not isinstance(said, dict):
        words = _("“%(field)s” is an object with name, quantity, unit_price and tax_rate.")
        raise Refused(words % {"field": at}, field=at)
    _only(said, _OF_LINES, at=at)
    name = _text(said, "name", at=at)
    if not name:
        raise _lacks(f"{at}.name")
    line = Line(
        name=name,
        quantity=_number(said, "quantity", at),
        unit_price=_number(said, "unit_price", at),
        tax_rate=_rate(said, at),
        tax_included=_flag(said, "tax_included", at=at),
    )
    if abs(line.quantity * line.unit_price) > _MOST_YEN:
        most = {"field": at, "most": f"{_MOST_YEN:,}"}
        raise Refused(_("“%(field)s” comes to more than %(most)s yen.") % most, field=at)
    return line


def _rate(said: Mapping[str, Any], at: str) -> int:
    """A rate, as percent or as a part of one: 10, "10%" and 0.1 are one and the same, "0.1%" is none."""
    in_percent = False
    if isinstance(said.get("tax_rate"), str):
        written = unicodedata.normalize("NFKC", said["tax_rate"]).strip()
        in_percent = written.endswith("%")
        said = {"tax_rate": written.removesuffix("%")}
    number = _number(said, "tax_rate", at)
    percent = number * 100 if 0 < number < 1 and not in_percent else number
    if percent not in RATES:
        known = "、".join(map(str, RATES))
        raise Refused(
            _("“%(field)s” is %(value)s; known are %(known)s percent.")
            % {"field": f"{at}.tax_rate", "value": number, "known": known},
            field=f"{at}.tax_rate",
        )
    return int(percent)


def _number(said: Mapping[str, Any], name: str, at: str) -> Decimal:
    field, value = f"{at}.{name}", said.get(name)
    if value is None or value == "":
        raise _lacks(field)
    number = _decimal(value)
    if number is None:
        words = {"field": field, "value": _short(value)}
        raise Refused(_("“%(field)s” is no number: %(value)s.") % words, field=field)
    if not number:
        return Decimal(0)
    if number.adjusted() >= _MOST_DIGITS or number != round(number, _MOST_PLACES):
        most = {"field": field, "digits": _MOST_DIGITS, "places": _MOST_PLACES}
        raise Refused(
            _("“%(field)s” takes %(digits)s digits, and %(places)s after the point.") % most, field=field
        )
    return number


def _decimal(value: Any) -> Decimal | None:
    """A number as it was written, exactly; None for what is none."""
    if isinstance(value, str):
        plain = unicodedata.normalize("NFKC", value).strip().replace(",", "")
        return Decimal(plain) if _NUMBER.fullmatch(plain) else None
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    number = Decimal(value)
    return number if number.is_finite() else None


def _party(said: Mapping[str, Any], name: str) -> Party:
    found = said.get(name)
    if found is None:
        return Party()
    if isinstance(found, str):
        found = {"name": found}
    if not isinstance(found, dict):
        raise Refused(_("“%(field)s” is an object with “name”.") % {"field": name}, field=name)
    _only(found, _OF_PARTIES, at=name)
    number = _text(found, "registration_number", at=name)
    return Party(
        name=_text(found, "name", at=name),
        registration_number=registration_number(number) if number else "",
        address=_text(found, "address", at=name),
        phone=_text(found, "phone", at=name),
        mail=_text(found, "mail", at=name),
        representative=_text(found, "representative", at=name),
    )


def _terms(said: Any) -> tuple[tuple[str, str], ...]:
    if said is None:
        return ()
    if not isinstance(said, list) or len(said) > MOST_TERMS:
        words = _("“terms” is a list of %(most)s objects at most, each with title and words.")
        raise Refused(words % {"most": MOST_TERMS}, field="terms")
    return tuple(_term(one, f"terms[{place}]") for place, one in enumerate(said, 1))


def _term(said: Any, at: str) -> tuple[str, str]:
    if not isinstance(said, dict):
        raise Refused(_("“%(field)s” is an object with title and words.") % {"field": at}, field=at)
    _only(said, _OF_TERMS, at=at)
    title, words = _text(said, "title", at=at), _text(said, "words", at=at, most=_LONG)
    if not title or not words:
        raise _lacks(f"{at}.{'words' if title else 'title'}")
    return title, words


def _rounding(said: Mapping[str, Any]) -> Rounding:
    known = {one.value: one for one in Rounding} | _ROUNDINGS
    return _one_of(said, "rounding", known, Rounding.FLOOR)


def _one_of(said: Mapping[str, Any], name: str, known: Mapping[str, Read], otherwise: Read) -> Read:
    value = said.get(name)
    if value is None:
        return otherwise
    if not isinstance(value, str) or value not in known:
        words = {"field": name, "known": "、".join(known)}
        raise Refused(_("“%(field)s” is one of: %(known)s.") % words, field=name)
    return known[value]


def _flag(said: Mapping[str, Any], name: str, *, at: str = "") -> bool:
    value = said.get(name, False)
    if not isinstance(value, bool):
        field = f"{at}.{name}" if at else name
        raise Refused(_("“%(field)s” is true or false.") % {"field": field}, field=field)
    return value


def _date(said: Mapping[str, Any], name: str) -> date | None:
    value = said.get(name)
    if value is None or value == "":
        return None
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        words = {"field": name, "value": _short(value)}
        said_ = _("“%(field)s” is no date like 2026-11-29: %(value)s.") % words
        raise Refused(said_, field=name) from error


def _text(said: Mapping[str, Any], name: str, *, at: str = "", most: int = 200) -> str:
    value, field = said.get(name), f"{at}.{name}" if at else name
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Refused(_("“%(field)s” is text.") % {"field": field}, field=field)
    text = clean(value).strip() if most == _LONG else one_line(value, most=most + 1)
    if len(text) > most:
        words = {"field": field, "most": most}
        raise Refused(_("“%(field)s” is longer than %(most)s letters.") % words, field=field)
    return text


def _lacks(field: str) -> Refused:
    return Refused(_("“%(field)s” is missing.") % {"field": field}, field=field)


def _short(value: Any) -> str:
    return one_line(value if isinstance(value, str) else json.dumps(value, default=str), most=40)
