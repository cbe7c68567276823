"""Where a scenario leads at this moment: looked up anew in the transaction in which it is said."""

from dataclasses import dataclass, field

from madoguchi.bot.deciding import Decision, Outcome
from madoguchi.bot.scenario_models import ScenarioVersion
from madoguchi.bot.scenarios import form_of, question_of, steps_of
from madoguchi.cases.models import Case
from madoguchi.delivery.links import form_page


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a scenario: what is asked or said there, what can be chosen, and where its form is."""

    scenario: ScenarioVersion | None = None
    words: str = ""
    choices: list[str] = field(default_factory=list)
    link: str = ""

    def leads(self, outcome: Outcome) -> bool:
        """Whether what was decided can still be done: a question has choices, a form is there."""
        if outcome == Outcome.MENU:
            return bool(self.choices)
        return outcome != Outcome.FORM or bool(self.link)


def place_of(case: Case, decided: Decision) -> Place:
    """The place that a decision means. One query where a scenario leads, three for a question, two for a form."""
    if decided.scenario is None or decided.node is None:
        return Place()
    scenario = ScenarioVersion.objects.get(pk=decided.scenario)
    if decided.outcome == Outcome.MENU:
        steps = steps_of(case.desk, scenario, decided.node)
        return Place(scenario, question_of(scenario, decided.node), [step.label for step in steps])
    if decided.outcome == Outcome.FORM:
        words, address = form_of(case.desk, scenario, decided.node)
        return Place(scenario, words, link=form_page(address) if address else "")
    return Place(scenario)
