"""The report of a serious accident of a product (消安法35条), as far as a case tells of it, as PDF: for the company to
complete and hand in. What nobody has written down stays blank.

What it has to say: 35条2項 (名称及び型式, 事故の内容, 製造又は輸入した数量及び販売した数量). It is for people in Japan:
its words stand here as they are printed.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from madoguchi.commerce.documents.paper import fonts
from madoguchi.commerce.queries import pieces_sold
from madoguchi.infra.event_log import record
from madoguchi.kernel import clock
from madoguchi.kernel.actor import Actor
from madoguchi.signals.accidents import harm_told
from madoguchi.signals.duty import last_moment
from madoguchi.signals.events import AccidentReportTaken
from madoguchi.signals.models import Grave, Signal

_TEMPLATE = Path(__file__).with_name("report.typ")
# Nothing that is sold here was sold before.
_EVER = datetime(2000, 1, 1, tzinfo=clock.TOKYO)


def report_of(grave: Grave, *, number: str, blot: Callable[[str], str] = str) -> dict[str, Any]:
    """What the report of grave words of a case (by its `number`) says; `blot` takes out what is kept from the reader.
    Four queries at most.
    """
    said, known = _source(grave)
    rows = Signal.objects.filter(case__in=[grave.case_id, grave.case.continued_in_id or grave.case_id])
    seen = rows.filter(product__isnull=False, withdrawn_at=None).select_related("product").order_by("pk")
    signal = next((one for one in seen if one.pk == grave.signal_id), seen.last())
    product = signal.product if signal else None
    sold = pieces_sold(product.pk, since=_EVER) if product else 0
    facts = [
        ("宛先", "消費者庁長官"),
        ("報告する事業者", grave.case.company.name),
        ("用件の番号", number),
        ("製品の名称", product.name if product else ""),
        ("型式・商品番号", product.code if product else ""),
        ("ロット", signal.lot if signal else ""),
        ("製造番号", signal.serial if signal else ""),
        ("製造又は輸入した数量", ""),
        ("販売した数量", f"{sold:,}個(当システムの受注による)" if sold else ""),
        ("事故が起きた日時", ""),
        ("事故が起きた場所", ""),
        ("事故を知った日", _day(known)),
        ("報告の期限", f"{_day(last_moment(known))}(知った日を含めて10日以内)"),
        ("被害の種類", "・".join(grave.sorts)),
        ("被害の程度", _extent(said)),
        ("事故の原因", ""),
        ("講じた措置", ""),
        ("担当者・連絡先", ""),
    ]
    return {
        "title": "重大製品事故報告書(下書き)",
        "company": grave.case.company.name,
        "opening": "消費生活用製品安全法第35条第1項の規定による報告のための下書きです。"
        "お客様のお申し出から分かることを記しています。"
        "空欄を補い、内容を確かめたうえで提出してください。",
        "facts": [list(one) for one in facts],
        "caution": "お客様の文面をそのまま写しています。"
        "提出する前に、氏名・住所・電話番号など個人が分かる記載を取り除いてください。",
        "words": blot(said),
        "marked": "、".join(grave.words),
        "footer": f"作成 {_day(clock.now())}",
    }


def take_report(grave: Grave, *, number: str, blot: Callable[[str], str] = str, by: Actor) -> bytes:
    """The report as PDF, to be taken along by who may read its case, which whoever calls has asked; that it was taken
    is an event.
    """
    content = as_pdf(report_of(grave, number=number, blot=blot))
    home = grave.case.continued_in or grave.case
    fact = AccidentReportTaken(**home.where, grave=grave.pk, sha256=hashlib.sha256(content).hexdigest())
    with transaction.atomic():
        record(fact, by=by)
    return content


def as_pdf(said: dict[str, Any]) -> bytes:
    """The report on paper."""
    import typst

    document = {"document": json.dumps(said, ensure_ascii=False)}
    made = typst.compile(
        _TEMPLATE, sys_inputs=document, font_paths=fonts(), ignore_system_fonts=True, timestamp=0
    )
    assert isinstance(made, bytes)
    return made


def _source(grave: Grave) -> tuple[str, datetime]:
    """What was said, and since when it is known."""
    if grave.message is not None:
        return grave.message.text, grave.message.at
    if grave.note is not None:
        return grave.note.text, grave.note.at
    if grave.signal is not None:
        return grave.signal.words, grave.signal.raised_at
    assert grave.complaint is not None
    return grave.complaint.facts, grave.found_at


def _extent(said: str) -> str:
    """The words of harm, to begin with; how bad it is, whoever reports finds out."""
    found = "・".join(harm_told(said))
    return f"{found}(お申し出にある言葉。確かめて書き直してください)" if found else ""


def _day(moment: datetime) -> str:
    at = moment.astimezone(clock.TOKYO)
    return f"{at.year}年{at.month}月{at.day}日"
