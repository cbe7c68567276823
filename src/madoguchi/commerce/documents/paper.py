"""A document as PDF, laid out by typst with Noto Sans CJK JP, so that every letter of a name is there."""

import json
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from madoguchi.commerce.documents.document import Document, Party, missing_from
from madoguchi.commerce.documents.kinds import NAMES, Kind
from madoguchi.commerce.documents.tax import Line, Sum
from madoguchi.kernel.errors import Refused

_TEMPLATE = Path(__file__).with_name("paper.typ")
_AMOUNT = {
    Kind.INVOICE: "ご請求金額",
    Kind.RECEIPT: "領収金額",
    Kind.DELIVERY_NOTE: "合計金額",
    Kind.RETURN_SLIP: "ご返金額",
    Kind.WRITTEN_TERMS: "お支払い総額",
}
_DAYS = {
    Kind.INVOICE: "取引年月日",
    Kind.RECEIPT: "領収日",
    Kind.DELIVERY_NOTE: "納品日",
    Kind.RETURN_SLIP: "返品日",
    Kind.WRITTEN_TERMS: "契約年月日",
}
_OPENING = {
    Kind.INVOICE: "下記のとおりご請求申し上げます。",
    Kind.RECEIPT: "上記の金額を正に領収いたしました。",
    Kind.DELIVERY_NOTE: "下記のとおり納品いたしました。",
    Kind.RETURN_SLIP: "下記のとおり返品を承りました。",
    Kind.WRITTEN_TERMS: "お電話でお申し込みいただいた契約の内容は下記のとおりです。",
}
# 特定商取引法18条・19条・24条: in red letters of eight points at least, within a red frame.
_WARNING = (
    "この書面の内容を十分にお読みください。",
    "この書面を受け取られた日を含めて8日間は、書面または電子メールなどの電磁的記録により、無条件で申込みの撤回または"
    "契約の解除(クーリング・オフ)ができます。",
    "クーリング・オフは、その書面または電磁的記録による通知を発した時に効力を生じます。",
    "クーリング・オフをされても、損害賠償や違約金の支払を請求することはありません。すでにお受け取りの商品の引取りや"
    "返還に要する費用は当社が負担し、お支払い済みの代金は速やかに全額をお返しします。",
    "商品を使用されていても、それにより得られた利益に相当する金銭の支払を請求することはありません。",
    "当社が事実と異なることを告げて誤認されたため、または威迫して困惑されたためにクーリング・オフをされなかったときは、"
    "改めてクーリング・オフができる旨の書面をお渡しし、それを受け取られた日を含めて8日間はクーリング・オフができます。",
)


def as_pdf(document: Document) -> bytes:
    """The paper. Raises Refused for a document that lacks what the law wants on it."""
    if missing := missing_from(document):
        raise Refused(lacking(missing), field=missing[0][0])
    import typst

    said = json.dumps(_said(document), ensure_ascii=False)
    made = typst.compile(
        _TEMPLATE,
        sys_inputs={"document": said},
        font_paths=fonts(),
        ignore_system_fonts=True,
        timestamp=0,
    )
    assert isinstance(made, bytes)
    return made


def lacking(missing: list[tuple[str, str]]) -> str:
    """One sentence that names all that is missing."""
    named = "、".join(f"{words} ({field})" for field, words in missing)
    return _("This document lacks %(missing)s.") % {"missing": named}


@cache
def fonts() -> list[Path]:
    """Where the letters of papers are."""
    import noto_cjk_sans_jp_bold
    import noto_cjk_sans_jp_regular

    return [Path(str(m.FONT_PATH)).parent for m in (noto_cjk_sans_jp_regular, noto_cjk_sans_jp_bold)]


def _said(d: Document) -> dict[str, Any]:
    """The words of the paper. The layout adds none of its own, and takes none of them for markup."""
    return {
        "title": NAMES[d.kind][0],
        "reissue": "再発行" if d.reissue else "",
        "facts": [[name, value] for name, value in _facts(d) if value],
        "recipient": _recipient(d),
        "recipient_address": d.recipient.address,
        "issuer": _issuer(d.issuer),
        "amount": [_AMOUNT[d.kind], f"{yen(d.totals.total)}(税込)"],
        "purpose": f"但し {d.purpose or 'お品代'}として" if d.kind == Kind.RECEIPT else "",
        "opening": _OPENING[d.kind],
        "lines": [_line(line, d) for line in d.lines],
        "sums": [_sum(one) for one in d.totals.by_rate],
        "totals": [yen(d.totals.net), yen(d.totals.tax), yen(d.totals.total)],
        "reduced": "※は軽減税率(8%)対象商品です。" if any(x.reduced for x in d.lines) else "",
        "stamp": _stamp(d),
        "notes": d.notes,
        "warning": list(_WARNING) if d.kind == Kind.WRITTEN_TERMS else [],
        "terms": [[title, words] for title, words in d.terms],
    }


def _facts(d: Document) -> list[tuple[str, str]]:
    return [
        ("番号", d.number),
        (_DAYS[d.kind], _day(d.date)),
        ("元の取引日", _day(d.original_date)),
        ("ご注文番号" if d.kind == Kind.WRITTEN_TERMS else "元の番号", d.original_number),
        ("担当者", d.person),
        ("お支払期限", _day(d.due_date) if d.kind == Kind.INVOICE else ""),
        ("お振込先", d.bank if d.kind == Kind.INVOICE else ""),
        ("お支払方法", "クレジットカード" if d.by_card else ""),
    ]


def _recipient(d: Document) -> str:
    """Firms are addressed as 御中, people as 様; who is addressed already is left so."""
    name = d.recipient.name
    if not name or name.endswith(("様", "御中", "殿", "先生")):
        return name
    firm = any(word in name for word in ("会社", "法人", "組合", "㈱", "㈲", "(株)", "(株)", "(有)"))
    return f"{name} {'御中' if firm else '様'}"


def _issuer(issuer: Party) -> list[str]:
    number = f"登録番号 {issuer.registration_number}" if issuer.registration_number else ""
    phone = f"電話 {issuer.phone}" if issuer.phone else ""
    led = f"代表者 {issuer.representative}" if issuer.representative else ""
    return [line for line in (issuer.name, led, issuer.address, phone, issuer.mail, number) if line]


def _line(line: Line, d: Document) -> list[str]:
    return [
        f"{line.name} ※" if line.reduced else line.name,
        plain(line.quantity),
        plain(line.unit_price),
        f"{line.tax_rate}%" + ("(税込)" if line.tax_included else ""),
        f"{line.amount(d.rounding):,}",
    ]


def _sum(one: Sum) -> list[str]:
    name = f"{one.rate}%対象" + ("(軽減税率)" if one.reduced else "")
    return [name, yen(one.net), yen(one.tax), yen(one.total)]


def _stamp(d: Document) -> str:
    if d.kind != Kind.RECEIPT:
        return ""
    if not d.on_paper:
        return "電子発行につき収入印紙は不要です"
    return f"収入印紙 {yen(d.stamp)}" if d.stamp else ""


def _day(day: date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def yen(amount: int) -> str:
    """An amount as it stands on papers."""
    return f"{'-' if amount < 0 else ''}¥{abs(amount):,}"


def plain(number: Decimal) -> str:
    """A number with commas, and without zeros that say nothing."""
    written = f"{number:,f}"
    return written.rstrip("0").rstrip(".") if "." in written else written
