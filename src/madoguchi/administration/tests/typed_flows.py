"""What the page of a flow sends when a button of it is pressed."""

from typing import Any

from madoguchi.administration.callflow import Draft


def typed(draft: Draft, **more: Any) -> dict[str, Any]:
    """Every field of the page, with what is typed instead."""
    data: dict[str, Any] = {
        "parts": len(draft.parts),
        "seen": draft.seen,
        "start": draft.start,
        "short": draft.short,
        "lines": draft.lines,
        "acts": draft.acts,
        "ahead": draft.ahead,
    }
    data |= {name: "on" for name in ("at_work", "withheld") if getattr(draft, name)}
    for part in draft.parts:
        data |= {f"{part.place}.{name}": getattr(part, name) for name in ("name", "kind")}
        data[f"{part.place}.was"] = part.led_to_as
        for one in part.controls():
            if one.shape == "keys":
                data |= {name: value for _key, name, value, _named, _words in one.value}
                data |= {named: words for _key, _name, _value, named, words in one.value if named}
            elif one.shape != "check" or one.value:
                data[one.name] = one.value
    return data | more
