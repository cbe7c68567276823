"""What the records of an upload came to so far, as it is kept with it: counts, words, and the first of them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple
from typing import Any

from madoguchi.channels.email.parse import parse
from madoguchi.imports.outcomes import Came, kind_of
from madoguchi.imports.records import Bad, Kept, Knowledge, Mail, Meant, Person, Record, Sale, Ticket
from madoguchi.imports.reports import Report
from madoguchi.kernel.text import blot_card_numbers, one_line

MOST_SAMPLES = 10
_LONGEST = 120


def report_of(found: Mapping[str, Any]) -> Report:
    """What is known so far, to be counted on."""
    counts = {kind: Counter(each) for kind, each in found.get("counts", {}).items()}
    words = Counter({Meant(*word): count for *word, count in found.get("words", ())})
    return Report(None, counts=counts, words=words, lines=found.get("lines", 0))


def noted(
    found: Mapping[str, Any], came: Iterable[Came], records: Sequence[Record | Knowledge]
) -> dict[str, Any]:
    """The same after these records, and what became of them."""
    report = report_of(found)
    for one in came:
        report.note(one)
    samples = list(found.get("samples", ()))
    samples += [sample_of(one) for one in records if not isinstance(one, Bad)][: MOST_SAMPLES - len(samples)]
    return {
        **found,
        "counts": {kind: dict(each) for kind, each in report.counts.items()},
        "words": [[*astuple(word), count] for word, count in report.meanings()],
        "lines": report.lines,
        "samples": samples,
    }


def begun_anew(found: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of the files themselves, before the first record is brought in."""
    return {name: found[name] for name in ("guessed", "headings", "samples", "shape") if name in found}


def sample_of(record: Ticket | Person | Sale | Mail | Kept | Knowledge) -> dict[str, str]:
    """One record, as somebody looks at it beforehand."""
    if isinstance(record, Mail):
        mail = parse(record.raw)
        who, what, at = mail.sender.name or mail.sender.address, mail.subject, record.at
    elif isinstance(record, Knowledge):
        newest = record.kept.versions[-1]
        who, what, at = record.kept.folder, newest.title, newest.at
    elif isinstance(record, Kept):
        who, what, at = record.id, record.words, None
    elif isinstance(record, Person):
        who, what, at = record.name, " ".join((*record.emails, *record.phones)), record.at
    elif isinstance(record, Sale):
        who = record.customer.name or next(iter((*record.customer.emails, *record.customer.phones)), "")
        lines = (f"{line.name} × {line.quantity}" for line in record.said.lines)
        what, at = f"{record.said.number} " + "、".join(lines), record.said.placed_at
    else:
        customer = record.customer
        who = customer.name or next(iter((*customer.emails, *customer.phones)), "")
        what, at = record.subject or next((one.text for one in record.said), ""), record.said[0].at
    shown = {"who": who, "what": what, "place": record.place}
    shown = {name: blot_card_numbers(one_line(value, most=_LONGEST)) for name, value in shown.items()}
    return {"kind": kind_of(record), "at": at.isoformat() if at else "", **shown}
