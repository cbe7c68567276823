"""The languages in which customers write, as far as they are told apart, and which of ours answers each of them."""

from typing import Final, Literal, get_args

Language = Literal[
    "ja", "en", "zh-Hans", "zh-Hant", "ko", "vi", "th", "id", "tl", "pt", "es", "fr", "de", "ru"
]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
# Those that a desk writes letters in beside Japanese and English; each by the name its own people give it.
ABROAD: Final[dict[Language, str]] = {
    "zh-Hans": "简体中文",
    "zh-Hant": "繁體中文",
    "ko": "한국어",
    "vi": "Tiếng Việt",
    "th": "ไทย",
    "id": "Bahasa Indonesia",
    "tl": "Tagalog",
    "pt": "Português",
    "es": "Español",
    "fr": "Français",
    "de": "Deutsch",
    "ru": "Русский",
}


def ours_for(language: str) -> Literal["ja", "en"]:
    """The one of our own two languages in which somebody is spoken to who writes in this one."""
    return "ja" if language in ("ja", "") else "en"
