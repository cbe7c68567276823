"""Talk scripts: what is said step by step, with what the customer may answer to each. Kept as text. Pure.

    お名前とお電話番号を伺えますか。
    ~ お名前と でんわ番号を 教えてください。
    > 画面のお名前と比べる

    - 一致した
      ありがとうございます。ご用件を伺います。
    - 一致しない
      恐れ入りますが、ご登録のご住所を伺えますか。

What stands at the edge is said first. Each item is an answer, and what follows further in is said next; a line that
begins with `>` is for whoever speaks, and is not said. Lines that begin with `~` say the same in plain words
(やさしい日本語), for customers who wish that. A backslash lets a line begin with such a sign.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from madoguchi.kernel.errors import Refused
from madoguchi.kernel.text import clean, one_line
from madoguchi.knowledge.likeness import letters_of
from madoguchi.knowledge.trees import ROOT, below, depth_of, node_of, walked

# One key each.
MOST_BRANCHES = 9
MOST_STEPS, MOST_DEEP = 300, 25
LONGEST_LABEL, LONGEST_SAID = 60, 2_000
_SIGNS = ("- ", ">", "~", "\\")
_INDENT = "  "


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `label` is the answer that leads to it, `said` what is said there, `plain` the same in plain words,
    `hint` what is to be done.
    """

    id: int
    parent: int
    label: str = ""
    said: str = ""
    hint: str = ""
    plain: str = ""


Script = tuple[Step, ...]


def read(text: str) -> Script:
    """The script that a text is, its steps numbered as they stand in it. Raises Refused for what can be walked by
    nobody, saying where.
    """
    steps: list[Step] = [Step(ROOT, 0)]
    words: dict[int, list[str]] = {ROOT: []}
    # The answers above the present line, each with how far in it stands.
    above: list[tuple[int, int]] = [(-1, ROOT)]
    for line in clean(text).expandtabs(4).split("\n"):
        bare = line.strip()
        if not bare.startswith("- ") and bare != "-":
            words[above[-1][1]].append(bare)
            continue
        far_in = len(line) - len(line.lstrip())
        while far_in <= above[-1][0]:
            above.pop()
        step = Step(len(steps) + 1, above[-1][1], one_line(bare[1:], most=LONGEST_LABEL))
        steps.append(step)
        words[step.id] = []
        above.append((far_in, step.id))
    return _checked(tuple(_told(one, words[one.id]) for one in steps))


def written(script: Sequence[Step]) -> str:
    """The text that a script is kept as; reading it gives the same script, numbered anew."""
    lines: list[str] = []
    for step, depth in walked(script):
        if step.id != ROOT:
            lines.append(_INDENT * (depth - 1) + f"- {step.label}")
        said = [_escaped(line) for line in step.said.split("\n")] if step.said else []
        plain = [f"~ {line}" for line in step.plain.split("\n")] if step.plain else []
        hint = [f"> {line}" for line in step.hint.split("\n")] if step.hint else []
        lines += [(_INDENT * depth + line).rstrip() for line in (*said, *plain, *hint)]
        lines += [""] if step.id == ROOT else []
    return "\n".join(lines).strip()


def added(script: Script, step: Step) -> Script:
    """The script with one answer more, below the step it names. Raises Refused for one that has no place."""
    if node_of(script, step.parent) is None:
        raise Refused(_("This step is gone. Please look at the script again."), field="label")
    return _checked((*script, replace(_shaped(step), id=max(one.id for one in script) + 1)))


def changed(script: Script, step: Step) -> Script:
    """The script with a step as it is to be. Raises Refused where it makes no sense."""
    old = node_of(script, step.id)
    if old is None:
        raise Refused(_("This step is gone. Please look at the script again."), field="label")
    new = _shaped(replace(step, parent=old.parent, label="" if step.id == ROOT else step.label))
    return _checked(tuple(new if one.id == step.id else one for one in script))


def path_to(script: Sequence[Step], pk: int) -> list[Step]:
    """The steps that lead to one, the first of the script first, itself last; empty for none of it."""
    step = node_of(script, pk)
    return [*path_to(script, step.parent), step] if step else []


def labels_to(script: Sequence[Step], pk: int) -> tuple[str, ...]:
    """By which answers one comes to a step: what a step is known by in every version that has it."""
    return tuple(letters_of(one.label) for one in path_to(script, pk)[1:])


def _told(step: Step, lines: Sequence[str]) -> Step:
    said = [line for line in lines if not line.startswith((">", "~"))]
    bare = [line[1:] if line.startswith("\\") else line for line in said]
    plain, hint = ([line[1:].strip() for line in lines if line.startswith(sign)] for sign in ("~", ">"))
    return _shaped(replace(step, said="\n".join(bare), hint="\n".join(hint), plain="\n".join(plain)))


def _shaped(step: Step) -> Step:
    """As it is kept: no line begins or ends with a space, and one line at most is empty between two."""
    return replace(
        step,
        label=one_line(step.label, most=LONGEST_LABEL),
        said=_lines(step.said),
        hint=_lines(step.hint).replace("\n\n", "\n"),
        plain=_lines(step.plain).replace("\n\n", "\n"),
    )


def _lines(words: str) -> str:
    text = "\n".join(line.strip() for line in clean(words).expandtabs(4).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _escaped(line: str) -> str:
    return f"\\{line}" if line.startswith(_SIGNS) or line == "-" else line


def _checked(script: Script) -> Script:
    """The script as it is. Raises Refused for what nobody could walk."""
    if len(script) > MOST_STEPS:
        raise Refused(
            _("A script has at most %(n)s steps. Make two of it.") % {"n": MOST_STEPS}, field="body"
        )
    for step in script:
        called = {"step": step.label or _("the first step")}
        if step.plain and not step.said:
            raise Refused(
                _("“%(step)s”: write what is usually said, too, not only the plain words.") % called,
                field="said",
            )
        if not step.said and not step.hint:
            raise Refused(_("“%(step)s”: write what is said, or what is to be done.") % called, field="said")
        told = ("said", "hint", "plain")
        if long := next((name for name in told if len(getattr(step, name)) > LONGEST_SAID), ""):
            words = _("“%(step)s”: at most %(n)s letters are said, and as many are to be done.")
            raise Refused(words % {**called, "n": LONGEST_SAID}, field=long)
        if step.id != ROOT and not letters_of(step.label):
            raise Refused(_("Write what the customer answers."), field="label")
        answers = [letters_of(one.label) for one in below(script, step.id)]
        if len(set(answers)) < len(answers):
            raise Refused(_("“%(step)s” has the same answer twice.") % called, field="label")
        if len(answers) > MOST_BRANCHES:
            words = _("“%(step)s” has more than %(n)s answers: each has a key of its own.")
            raise Refused(words % {**called, "n": MOST_BRANCHES}, field="label")
    if max(depth_of(script, step.id) for step in script) > MOST_DEEP:
        raise Refused(_("At most %(n)s steps follow one another.") % {"n": MOST_DEEP}, field="label")
    return script
