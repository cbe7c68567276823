"""By which ids the rows of a company hold together when it moves to another installation.

Foreign keys are read from the models, as the tables are (`tables`). Ids that no foreign key tells of are named here; a
house test fails for a column, and for a field of a fact, of which it is not known.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Protocol

from madoguchi.project.moving.counterparts import COUNTERPARTS
from madoguchi.project.moving.tables import Model, Row, column, columns
from madoguchi.views.filters import own_field
from madoguchi.views.orders import field_of

# Rows without a company to which rows of one refer. They are named by what is theirs everywhere: a person by the mail
# address, an operator by its name, a member by both.
PERSON, OPERATOR, MEMBER = "people.User", "companies.OperatorCompany", "people.OperatorMember"
COMPANY: Final = "companies.Company"
NAMED: Final = frozenset({PERSON, OPERATOR, MEMBER})

CUSTOMER: Final = "customers.Customer"
FIELD, MATTER = "fields.Field", "fields.Matter"
# What a desk's own fields can refer to.
REFERENCES: Final = {"customer": CUSTOMER, "product": "commerce.Product", "order": "commerce.Order"}
TASK, PLAN = "tasks.Task", "tasks.Plan"
CASE, MESSAGE, EVENT = "cases.Case", "cases.Message", "infra.Event"


class Ids(Protocol):
    """Turns the ids of one place into those of another; None and 0 are none anywhere."""

    def __call__(self, label: str, value: Any) -> Any: ...


Rule = Callable[[Any, Ids], Any]


def each(value: Any, label: str, ids: Ids) -> Any:
    """One id, or all in a list however deep; what is no id is left."""
    if isinstance(value, list):
        return [each(one, label, ids) for one in value]
    return value if value is None or isinstance(value, bool) else ids(label, value)


def of(label: str) -> Rule:
    """The value is an id, or a list of ids, of this model."""
    return lambda value, ids: each(value, label, ids)


def under(keys: Mapping[str, str]) -> Rule:
    """The value is an object; under these keys there are ids."""

    def rule(value: Any, ids: Ids) -> Any:
        if isinstance(value, list):
            return [rule(one, ids) for one in value]
        if not isinstance(value, dict):
            return value
        return {k: each(v, keys[k], ids) if k in keys else rule(v, ids) for k, v in value.items()}

    return rule


# What a condition asks of, and what a step does, where the value of either is an id.
_WITH_AN_ID = {
    "assign": PERSON,
    "assignee": PERSON,
    "customer": CUSTOMER,
    "desk": "companies.Desk",
    "macro": "macros.Macro",
    "plan": "tasks.Plan",
    "template": "knowledge.ReplyTemplate",
    "correct": "knowledge.Article",
}


def of_conditions_and_steps(value: Any, ids: Ids) -> Any:
    """A filter as `views/filters.py` writes it, or steps as `macros/steps.py` does: the values of some hold ids."""
    if isinstance(value, list):
        return [of_conditions_and_steps(one, ids) for one in value]
    if not isinstance(value, dict):
        return value
    own = own_field(value.get("field"))
    if own:
        return _of_own_field(value, own, ids)
    label = _WITH_AN_ID.get(value.get("field") or value.get("do") or "")
    if not label or "value" not in value:
        return {k: of_conditions_and_steps(v, ids) for k, v in value.items()}
    if "do" in value:
        return {**value, "value": _written(value["value"], label, ids)}
    return {**value, "value": each(value["value"], label, ids)}


def of_changed_view(value: Any, ids: Ids) -> Any:
    """What changed about a view: its filter, its order, or which fields it shows."""
    turned = of_conditions_and_steps(under({"columns": FIELD})(value, ids), ids)
    orders = [of_order(one, ids) for one in turned["order"]] if "order" in turned else None
    return turned if orders is None else turned | {"order": orders}


def of_order(value: Any, ids: Ids) -> Any:
    """The order of a list: of one by a field the id stands behind the way."""
    by = field_of(value) if isinstance(value, str) else None
    return f"{value.partition(':')[0]}:{ids(FIELD, by)}" if by else value


def _of_own_field(value: Row, own: tuple[str, int], ids: Ids) -> Row:
    """A condition on a desk's own field is called by its kind and id; what it refers to stands there by its own."""
    kind, field = own
    turned = value | {"field": f"{kind}:{ids(FIELD, field)}"}
    if kind in REFERENCES and value.get("test") == "in":
        turned["value"] = each(value["value"], REFERENCES[kind], ids)
    return turned


def _written(value: str, label: str, ids: Ids) -> str:
    """An id that is kept as a word; empty is nobody."""
    return str(ids(label, int(value) if value.isdecimal() else value)) if value else ""


def of_value(value: Any, ids: Ids) -> Any:
    """What a case keeps of a field: only what it refers to is an id, and says of what."""
    return under(REFERENCES)(value, ids)


def of_filled(value: Any, ids: Ids) -> Any:
    """Values of fields, each under its field's id, which is written as a word."""
    return {_written(key, FIELD, ids): of_value(one, ids) for key, one in value.items()}


def of_case_values(value: Any, ids: Ids) -> Any:
    """Columns of a case as a merge or a split keeps them, of one case or of both sides."""
    if not isinstance(value, dict):
        return value
    turned = {"filled": of_filled, "matter_id": of(MATTER)}
    return {name: turned.get(name, of_case_values)(one, ids) for name, one in value.items()}


_PARTS: Final = {"case": CASE, "call": "voice.Call", "order": "commerce.Order"}


def of_parts(value: Any, ids: Ids) -> Any:
    """What is kept back of a disclosure: parts that are named by kind and id, as in `case:12`."""
    return [one | {"part": _of_part(one["part"], ids)} for one in value or ()]


def _of_part(written: str, ids: Ids) -> str:
    kind, colon, pk = written.partition(":")
    return f"{kind}:{ids(_PARTS[kind], int(pk))}" if colon else written


def of_scenario(value: Any, ids: Ids) -> Any:
    """The nodes of a bot's scenario; None where there is nothing to go back to."""
    turned = under({"article": "knowledge.Article", "form": "companies.EntryPoint"})
    return value if value is None else [turned(node, ids) for node in value]


_MOVED = {
    "messages": MESSAGE,
    "placed": MESSAGE,
    "contacts": "cases.Contact",
    "notes": "cases.Note",
    "mentions": "cases.Mention",
    "hand_offs": "cases.HandOff",
    "led_here": CASE,
    "drafts": "cases.Draft",
}
COLUMNS: Final[dict[str, Rule]] = {
    "rights.Request.withheld": of_parts,
    "batches.BatchRow.before": under(
        {
            "merge": "cases.Merge",
            "run": "macros.MacroRun",
            "desk_id": "companies.Desk",
            "assignee_id": PERSON,
            "outgoing": "delivery.Outgoing",
            "pending": "cases.PendingAnswer",
        }
    ),
    **dict.fromkeys(("bot.ScenarioVersion.before", "bot.ScenarioVersion.nodes"), of_scenario),
    "bot.Turn.offered": of("knowledge.ArticleVersion"),
    "cases.Look.case_id": of(CASE),
    "commerce.Trial.case_id": of(CASE),
    "customers.CustomerNote.case_id": of(CASE),
    "commerce.Campaign.desks": of("companies.Desk"),
    "commerce.Campaign.entry_points": of("companies.EntryPoint"),
    "commerce.Decision.case_id": of(CASE),
    "commerce.Decision.task_id": of("tasks.Task"),
    "commerce.Order.case_id": of(CASE),
    "commerce.Return.case_id": of(CASE),
    "commerce.Subscription.case_id": of(CASE),
    "cases.Look.customer_id": of(CUSTOMER),
    "cases.Look.listed": of(CUSTOMER),
    "customers.Unmasking.customer_id": of(CUSTOMER),
    "cases.Seen.case_id": of(CASE),
    "cases.Seen.message": of(MESSAGE),
    "cases.Seen.note": of("cases.Note"),
    "cases.Case.filled": of_filled,
    "cases.Merge.after": of_case_values,
    "cases.Merge.before": of_case_values,
    "cases.Merge.last_message": of(MESSAGE),
    "cases.Merge.moved": under(_MOVED),
    "cases.PendingAnswer.last_message": of(MESSAGE),
    "cases.Split.after": of_case_values,
    "cases.Split.before": of_case_values,
    "cases.Split.last_message": of(MESSAGE),
    "cases.Split.moved": under(_MOVED),
    "companies.Desk.approval_for": of(PERSON),
    "knowledge.Article.operators": of(OPERATOR),
    "customers.Join.moved": under(
        {
            "cases.Case.customer": CASE,
            "rights.Request.customer": "rights.Request",
            "cases.Contact.customer": "cases.Contact",
            "commerce.Order.customer": "commerce.Order",
            "commerce.Subscription.customer": "commerce.Subscription",
            "reservations.Reservation.customer": "reservations.Reservation",
            "imports.Origin.customer": "imports.Origin",
            "led": CUSTOMER,
        }
    ),
    "delivery.Outgoing.cause": of(EVENT),
    "delivery.Outgoing.stood": under({"taken_from": PERSON}),
    "following.Notification.event": of(EVENT),
    "fields.Matter.fields": of(FIELD),
    "gaps.Gap.messages": of(MESSAGE),
    "imports.Origin.message_id": of(MESSAGE),
    "imports.Origin.note_id": of("cases.Note"),
    "imports.Origin.order_id": of("commerce.Order"),
    "infra.Event.case_id": of(CASE),
    "infra.EventWords.event_id": of(EVENT),
    "infra.Event.desk_id": of("companies.Desk"),
    "intake.Arrival.case_id": of(CASE),
    "intake.Arrival.message_id": of(MESSAGE),
    "intake.Awaited.case_id": of(CASE),
    "intake.Report.message_id": of(MESSAGE),
    "macros.Macro.acts": of_conditions_and_steps,
    "macros.Macro.proposed": of_conditions_and_steps,
    "macros.MacroRun.tasks": of(TASK),
    "tasks.Task.former": under({"until": EVENT}),
    "macros.MacroRun.before": under({"desk_id": "companies.Desk", "assignee_id": PERSON}),
    "reservations.Reservation.case_id": of(CASE),
    "reservations.Reservation.former": under({"resource": "reservations.Resource"}),
    "routing.Division.rules": under({"desk": "companies.Desk", "matters": MATTER}),
    "routing.Division.given": under({"among": "companies.Desk"}),
    "rules.Rule.acts": of_conditions_and_steps,
    "rules.Rule.filter": of_conditions_and_steps,
    "rules.Rule.looked_id": of(CASE),
    "rules.RuleRun.did": of_conditions_and_steps,
    "rules.RuleRun.event_id": of(EVENT),
    "rules.RuleRun.why": of_conditions_and_steps,
    "rules.RuleVersion.said": of_conditions_and_steps,
    "views.SavedView.columns": of(FIELD),
    "views.SavedView.order": of_order,
    "views.SavedView.filter": of_conditions_and_steps,
    "voice.Call.message_id": of(MESSAGE),
    "voice.Call.divided": under({"to": "companies.Desk"}),
    "voice.Call.plan_id": of("voice.PlannedCall"),
    "voice.PlannedCall.message_id": of(MESSAGE),
}

# Fields of facts, by name wherever they stand, or by kind and name.
FACT_FIELDS: Final = {
    "account": CUSTOMER,
    "account.alerted.cause": EVENT,
    "account.alerted.people": PERSON,
    "belonging": "customers.Belonging",
    "consent": "customers.Consent",
    "contact": "cases.Contact",
    "consent.worded.words": "customers.ConsentWords",
    "answer": "cases.PendingAnswer",
    "article": "knowledge.Article",
    "gap": "gaps.Gap",
    "arrival": "intake.Arrival",
    "attachment": "cases.Attachment",
    "back": "commerce.Return",
    "batch": "batches.Batch",
    "briefing": "feedback.Briefing",
    "praise": "feedback.Praise",
    "call": "voice.Call",
    "call.began.before": "voice.Call",
    "call.asked_outside.contact": "voice.OutsideContact",
    "call.put_through_outside.contact": "voice.OutsideContact",
    "company.outside_contact_set.contact": "voice.OutsideContact",
    "campaign": "commerce.Campaign",
    "media_event": "commerce.MediaEvent",
    "phone_number.product_changed.product": "commerce.Product",
    "recording": "voice.Recording",
    "customer": CUSTOMER,
    "desks": "companies.Desk",
    "document": "commerce.IssuedDocument",
    "engagement": "companies.Engagement",
    "appeal": "shield.Appeal",
    "complaint": "complaints.Complaint",
    "escalation": "escalations.Escalation",
    "escalation.file_fetched.file": "escalations.EscalationFile",
    "grave": "signals.Grave",
    "instruction": "signals.Instruction",
    "incident": "signals.Incident",
    "responsible": PERSON,
    "secondary_to": "complaints.Complaint",
    "help": "shield.Help",
    "mark": "shield.Mark",
    "signal": "signals.Signal",
    "stop": "shield.Stop",
    "suggestion": "shield.Suggestion",
    "asker": PERSON,
    "maker": PERSON,
    "slip": "escalations.Slip",
    "from_desk": "companies.Desk",
    "to_desk": "companies.Desk",
    "entry_point": "companies.EntryPoint",
    "friend": "line.Friend",
    "follows": CASE,
    "hand_off": "cases.HandOff",
    "fit": "commerce.Fit",
    "identity": "customers.Identity",
    "into": CASE,
    "link": "cases.CaseLink",
    "matter": MATTER,
    "mentioned": PERSON,
    "macro": "macros.Macro",
    "merge": "cases.Merge",
    "moment": EVENT,
    "message": MESSAGE,
    "note": "cases.Note",
    "noted": "customers.CustomerNote",
    "operator": OPERATOR,
    "article.restricted.operators": OPERATOR,
    "order": "commerce.Order",
    "order.pieces_changed.pieces": "commerce.Piece",
    "other": CASE,
    "owner": PERSON,
    "original": "knowledge.Article",
    "parcel": "commerce.Parcel",
    "resend_of": "commerce.Order",
    "person": PERSON,
    "plan": PLAN,
    "policy": "commerce.ReturnPolicy",
    "shipping_rule": "commerce.ShippingRule",
    "promise": "promises.Promise",
    "delay_notice": "promises.DelayNotice",
    "before_message": MESSAGE,
    "before_answer": "cases.PendingAnswer",
    "report": "intake.Report",
    "request": "rights.Request",
    "reservation": "reservations.Reservation",
    "resource": "reservations.Resource",
    "store": "reservations.Store",
    "storefront": "storefronts.Storefront",
    "rule": "rules.Rule",
    "run": "macros.MacroRun",
    "script": "knowledge.ArticleVersion",
    "walk": "scripts.Walk",
    "split": "cases.Split",
    "subscription": "commerce.Subscription",
    "subscription_terms": "commerce.SubscriptionTerms",
    "task": TASK,
    "tasks": TASK,
    "template": "knowledge.ReplyTemplate",
    "token": "people.AccessToken",
    "unmasking": "customers.Unmasking",
    "remedy": "commerce.Remedy",
    "symptom.kept.symptom": "commerce.Symptom",
    "variant": "commerce.Variant",
    "versions": "knowledge.ArticleVersion",
    "view": "views.SavedView",
    "writer": PERSON,
    "case.filled.field": FIELD,
    "case.matter.before": MATTER,
    "case.matter.after": MATTER,
    "field.added.field": FIELD,
    "field.changed.field": FIELD,
    "case.assigned.before": PERSON,
    "case.assigned.after": PERSON,
    "case.customer.before": CUSTOMER,
    "case.customer.after": CUSTOMER,
    "case.taken_over.before": PERSON,
    **dict.fromkeys(
        ("call.consulted.to", "call.handed_on.to", "call.put_through.to", "call.watched.agent"), PERSON
    ),
    **dict.fromkeys(("customer.joined.join", "customer.parted.join"), "customers.Join"),
    **dict.fromkeys(("customer.joined.other", "customer.parted.other"), CUSTOMER),
    **dict.fromkeys(
        ("fit.kept.other", "fit.dropped.other", "fit.kept.product", "fit.dropped.product"), "commerce.Product"
    ),
    **dict.fromkeys(("customer.belongs.group", "customer.left.group"), CUSTOMER),
    **dict.fromkeys(("customer.joined.led", "customer.parted.led"), CUSTOMER),
    **dict.fromkeys(("retention.written.rule", "retention.switched.rule"), "rights.RetentionRule"),
    "retention.ran.rule": "rights.RetentionRule",
    "task.given.before": PERSON,
    "task.given.after": PERSON,
    "person.seats.before": "companies.Engagement",
    "person.seats.after": "companies.Engagement",
}
FACT_RULES: Final[dict[str, Rule]] = {
    "case.filled.before": of_value,
    "case.filled.after": of_value,
    "campaign.changed.changes": under({"desks": "companies.Desk", "entry_points": "companies.EntryPoint"}),
    "field.changed.changes": under({"only_if_id": FIELD}),
    "matter.changed.changes": under({"fields": FIELD}),
    "article.arranged.changes": under({"desk_id": "companies.Desk", "owner_id": PERSON}),
    "division.changed.changes": under({"desk": "companies.Desk", "matters": MATTER}),
    "desk.changed.changes": under({"approval_for": PERSON}),
    "entry_point.changed.changes": under({"desk": "companies.Desk", "desk_id": "companies.Desk"}),
    "help_centre.changed.changes": under({"contact_id": "companies.EntryPoint"}),
    "template.changed.changes": under({"desk": "companies.Desk", "desk_id": "companies.Desk"}),
    "plan.changed.changes": under({"desk_id": "companies.Desk", "owner_id": PERSON}),
    "macro.changed.changes": of_conditions_and_steps,
    "rule.changed.changes": of_conditions_and_steps,
    "media_event.kept.changes": under({"entry_point_id": "companies.EntryPoint"}),
    "store.kept.changes": under({"entry_point_id": "companies.EntryPoint"}),
    "view.changed.changes": of_changed_view,
}
# What these hold depends on the fields beside them: `_of_change`.
FACT_FIELDS_BY_OTHERS: Final = frozenset({"batch.started.value", "case.changed.before", "case.changed.after"})
FACT_FIELDS_WITHOUT_IDS: Final = frozenset(
    {
        # Endpoints stay behind: their ids tell those of one installation apart.
        "delivery",
        "endpoint",
        # What LINE calls a channel, and which of its secrets were entered.
        "line.account_set.channel_id",
        "line.account_set.secrets",
        *("line.nearly_spent.used", "line.nearly_spent.quota"),
        # What a carrier calls an account.
        *("carrier.account_set.account", "carrier.account_set.secret", "person.outside_phone_set.there"),
        "person.sip_phone_set.there",
        "company.outside_contact_set.there",
        # So do uploads.
        *("upload", "handed", "storefront.changed.changes"),
        "escalation.asked.files",
        "export",
        # So does what an operator's people tell their employer, and what is done for them.
        "care",
        # Runs of rules stay behind, too; and what is counted.
        "retention.ran.run",
        "retention.written.months",
        "disclosure.withheld.parts",
        "consultation",
        "harassment.suggested.amount",
        "import.uploaded.files",
        *("order.pieces_changed.lots", "order.buyers_taken.part"),
        *("campaign.used.saved", "customers.read_many.customers"),
        *("case.acted_unsure.level", "case.acted_unsure.needed", "customers.identity_needs.needs"),
        *(f"customers.reading_limit.{name}" for name in ("after", "before", "day_after", "day_before")),
        "webhook.changed.changes",
        "asked",
        # A case by its number, and no rows.
        "audit.downloaded.events",
        "call.ended.spans",
        "audit.downloaded.wanted",
        "import.ran.files",
        "import.ran.counts",
        "looks.downloaded.looks",
        *(
            "company.exported.rows",
            "company.exported.files",
            "company.imported.rows",
            "company.imported.files",
        ),
        "added",
        "count",
        *("list.taken.customers", "list.taken.orders", "list.taken.parcels", "retention.ran.customers"),
        "call.recordings_gone.days",
        "recording_term.set.days",
        "severity",
        *("account.alerted.slips", "account.alerted.missed"),
        "watch.changed.changes",
        "routing.changed.changes",
        *("named", "chosen_by", "own", "whole", "minutes", "wrong", "judged"),
        "waited",
        "cases",
        "products.imported.changed",
        # Whom a policy means stands there by address or role.
        "clock.reached.acts",
        "clock.acted.did",
        "seconds",
        "shop.changed.changes",
        "resource.kept.changes",
        *("stock.answered.places", "stock.answered.price", "stock.changed.before", "stock.changed.after"),
        "helped",
        "score",
        *("satisfied", "easy", "recommends", "survey.kept.changes"),
        "total",
        "cycle",
        "fetched",
        "generation",
        "hop",
        "messages",
        "number",
        # Versions of one article, as they are counted.
        "article.wrong.numbers",
        "resend_of_number",
        "sessions_ended",
        "times",
        "tries",
        "version",
        "settings",
        "task.changed.changes",
        "article.policy.changes",
        "article.file_added.size",
        "articles",
        "bot.set.changes",
        *("step", "steps", "articles.contradicting.found"),
        *(
            f"bot.learned.{name}"
            for name in ("grave", "others", "found_by_words", "found", "false_by_words", "false")
        ),
        "bot.limits.kinds",
        "bot.spoke.confidence",
        *(
            "bot.scenario_changed.choices",
            "gaps.searched.found",
            "rehearsal.done.tried",
            "rehearsal.done.solved",
        ),
        "article.term.changes",
        "company.changed.changes",
        "service_levels.changed.changes",
        "engagement.changed.changes",
        "engagement.data_scope.changes",
        "operator.changed.changes",
        "person.changed.changes",
    }
)
_ACTORS = {"person": PERSON, "customer": CUSTOMER}
_CAUSES = {"batch": "batches.Batch", "macro": "macros.MacroRun", "moment": EVENT, "rule": "rules.Rule"}


def _rules(model: Model) -> Iterator[tuple[str, Rule]]:
    for field in columns(model):
        target = field.related_model
        if target is not None and target._meta.label != COMPANY:
            yield column(field), of(target._meta.label)
        elif rule := COLUMNS.get(f"{model._meta.label}.{field.name}"):
            yield column(field), rule
        elif field.primary_key:
            yield column(field), of(model._meta.label)


def row_rule(model: Model) -> Callable[[Row, Ids], Row]:
    """How a row of this model is turned from one place's ids into another's."""
    rules = list(_rules(model))
    special = {
        EVENT: _of_event,
        "batches.Batch": _of_batch,
        "storefronts.Counterpart": _of_counterpart,
    }.get(model._meta.label)

    def turn(row: Row, ids: Ids) -> Row:
        row.update({column: rule(row[column], ids) for column, rule in rules if column in row})
        if special:
            special(row, ids)
        return row

    return turn


def _of_counterpart(row: Row, ids: Ids) -> None:
    row["ours"] = each(row["ours"], COUNTERPARTS[row["kind"]], ids)


def _of_batch(row: Row, ids: Ids) -> None:
    if label := _WITH_AN_ID.get(row["verb"]):
        row["value"] = _written(row["value"], label, ids)


def _of_event(row: Row, ids: Ids) -> None:
    row["actor_id"] = each(row["actor_id"], _ACTORS.get(row["actor_kind"], ""), ids)
    kind, data = row["kind"], row["data"]
    for name, value in data.items():
        label = FACT_FIELDS.get(f"{kind}.{name}") or FACT_FIELDS.get(name)
        if label:
            data[name] = each(value, label, ids)
        elif rule := FACT_RULES.get(f"{kind}.{name}"):
            data[name] = rule(value, ids)
    _of_change(kind, data, ids)


def _of_change(kind: str, data: Row, ids: Ids) -> None:
    """What is told in words of their own: desks a case went between, acts on many, the batch that was the cause."""
    if kind == "case.changed" and data.get("field") == "desk":
        data |= {side: each(data[side], "companies.Desk", ids) for side in ("before", "after")}
    if kind == "batch.started":
        _of_batch(data, ids)
    cause, _colon, rest = str(data.get("cause", "")).partition(":")
    number, colon, more = rest.partition(":")
    if cause in _CAUSES and number.isdecimal():
        data["cause"] = f"{cause}:{ids(_CAUSES[cause], int(number))}{colon}{more}"
