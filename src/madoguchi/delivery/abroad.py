"""What our letters say in the languages of customers that are not those of our screens.

Whoever writes in one that stands here is spoken to in it: a built-in acknowledgement is one file of
`templates/delivery/acknowledgement.<language>.txt`, a time one row of `TIMES`, which desks' own texts use as well.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

_TEMPLATES: Final = {
    language: f"delivery/acknowledgement.{language}.txt" for language in ("zh-Hans", "zh-Hant", "ko")
}
LEADING_TO_PAGE: Final[Mapping[str, str]] = {
    "zh-Hans": "您可以在以下页面查看处理进度，并直接留言：",
    "zh-Hant": "您可以在以下頁面查看處理進度，並直接留言：",
    "ko": "아래 페이지에서 진행 상황을 확인하고 답변을 남기실 수 있습니다.",
}


@dataclass(frozen=True, slots=True)
class Times:
    """How a language says by when an answer usually comes."""

    half_hour: str
    hours: Callable[[int], str]
    next_day: str
    days: Callable[[int], str]


def template_for(language: str) -> str:
    """The file of our acknowledgement in this language; empty where there is none but that of our screens."""
    return _TEMPLATES.get(language, "")


def _said(half_hour: str, hours: str, next_day: str, days: str, *, hour: str = "") -> Times:
    """`hour` is how it is said of one, where that differs; nothing is said of one day."""
    return Times(
        half_hour=half_hour,
        hours=lambda n: (hour if n == 1 and hour else hours).format(n=n),
        next_day=next_day,
        days=lambda n: days.format(n=n),
    )


TIMES: Final[Mapping[str, Times]] = {
    "zh-Hans": _said("通常30分钟以内", "通常{n}小时以内", "通常次日之前", "通常{n}天以内"),
    "zh-Hant": _said("通常30分鐘內", "通常{n}小時內", "通常隔日之前", "通常{n}天內"),
    "ko": _said("보통 30분 이내", "보통 {n}시간 이내", "보통 다음 날까지", "보통 {n}일 이내"),
    "vi": _said(
        "thường trong vòng 30 phút",
        "thường trong vòng {n} giờ",
        "thường chậm nhất vào ngày hôm sau",
        "thường trong vòng {n} ngày",
    ),
    "th": _said("โดยปกติภายใน 30 นาที", "โดยปกติภายใน {n} ชั่วโมง", "โดยปกติภายในวันถัดไป", "โดยปกติภายใน {n} วัน"),
    "id": _said(
        "biasanya dalam 30 menit",
        "biasanya dalam {n} jam",
        "biasanya paling lambat hari berikutnya",
        "biasanya dalam {n} hari",
    ),
    "tl": _said(
        "karaniwang sa loob ng 30 minuto",
        "karaniwang sa loob ng {n} oras",
        "karaniwang hanggang sa susunod na araw",
        "karaniwang sa loob ng {n} araw",
    ),
    "pt": _said(
        "normalmente em até 30 minutos",
        "normalmente em até {n} horas",
        "normalmente até o dia seguinte",
        "normalmente em até {n} dias",
        hour="normalmente em até 1 hora",
    ),
    "es": _said(
        "normalmente en un plazo de 30 minutos",
        "normalmente en un plazo de {n} horas",
        "normalmente a más tardar al día siguiente",
        "normalmente en un plazo de {n} días",
        hour="normalmente en un plazo de 1 hora",
    ),
    "fr": _said(
        "généralement sous 30 minutes",
        "généralement sous {n} heures",
        "généralement au plus tard le lendemain",
        "généralement sous {n} jours",
        hour="généralement sous 1 heure",
    ),
    "de": _said(
        "meist innerhalb von 30 Minuten",
        "meist innerhalb von {n} Stunden",
        "meist bis zum nächsten Tag",
        "meist innerhalb von {n} Tagen",
        hour="meist innerhalb einer Stunde",
    ),
    "ru": _said(
        "обычно в течение 30 минут",
        "обычно в течение {n} часов",
        "обычно не позднее следующего дня",
        "обычно в течение {n} дней",
        hour="обычно в течение 1 часа",
    ),
}
# That somebody responsible sees to a grave matter at once.
AT_ONCE: Final[Mapping[str, str]] = {
    "zh-Hans": "负责人将立即处理您的问题。",
    "zh-Hant": "負責人將立即處理您的問題。",
    "ko": "책임자가 즉시 확인하여 대응하겠습니다.",
    "vi": "Người phụ trách sẽ xử lý vấn đề của quý khách ngay lập tức.",
    "th": "ผู้รับผิดชอบจะดำเนินการเรื่องของท่านทันที",
    "id": "Penanggung jawab kami akan segera menangani masalah Anda.",
    "tl": "Aasikasuhin agad ng aming tagapangasiwa ang inyong usapin.",
    "pt": "Um responsável tratará do seu caso imediatamente.",
    "es": "Una persona responsable se ocupará de su asunto de inmediato.",
    "fr": "Un responsable s'occupe immédiatement de votre demande.",
    "de": "Eine verantwortliche Person kümmert sich sofort um Ihr Anliegen.",
    "ru": "Ответственный сотрудник немедленно займётся вашим вопросом.",
}
