"""The names of metrics and priorities as people and programs write them. Pure."""

from madoguchi.promises.located import N_, Node
from madoguchi.promises.policy import PRIORITIES, Metric

_METRICS = {metric.value: metric for metric in Metric} | {
    "first_response": Metric.FIRST_REPLY,
    "next_response": Metric.NEXT_REPLY,
    "update": Metric.PERIODIC_UPDATE,
    "requester_wait_time": Metric.REQUESTER_WAIT,
    "agent_work_time": Metric.AGENT_WORK,
}
PRIORITY_NAMED = {name: name for name in PRIORITIES} | {
    "1": "low",
    "2": "normal",
    "3": "high",
    "4": "urgent",
    "medium": "normal",
    "低": "low",
    "低い": "low",
    "普通": "normal",
    "通常": "normal",
    "中": "normal",
    "高": "high",
    "高い": "high",
    "緊急": "urgent",
    "至急": "urgent",
}


def read_metric(name: str, node: Node) -> Metric:
    """The metric of this name, of a place. Raises Wrong."""
    found = metric_named(name)
    if found is None:
        words = N_("“%(name)s” is no metric. Known are: %(known)s.")
        raise node.wrong(words, name=name, known=", ".join(Metric))
    return found


def metric_named(name: str) -> Metric | None:
    """The metric of this name; None where there is none."""
    return _METRICS.get(plain(name))


def read_priority(node: Node) -> str:
    """A priority by its name or number. Raises Wrong."""
    name = plain(str(node.value))
    if isinstance(node.value, bool) or name not in PRIORITY_NAMED:
        words = N_("“%(name)s” is no priority. Known are: %(known)s.")
        raise node.wrong(words, name=str(node.plain()), known=", ".join(PRIORITIES))
    return PRIORITY_NAMED[name]


def plain(name: str) -> str:
    """A name without what people write differently."""
    return name.strip().casefold().replace("-", "_").replace(" ", "_")
