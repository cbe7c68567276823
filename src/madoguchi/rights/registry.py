"""Every table that can hold a word, and whose it is: what is told of a person, and what becomes of it at an erasure.

A house test fails for a table, and for a column of words, of which nobody has said so here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Value
from django.db.models.functions import Cast, Concat

from madoguchi.infra.secrets import SecretField

Model = type[models.Model]
# Why the paper of a sale is kept whole: it must not be changed, and names who was given it.
PAPERS: Final = "法人税法施行規則59条・消費税法施行令70条の13・電子帳簿保存法7条"
# Who refused may not be solicited again, whatever else is known of them: kept without a number or an address.
REFUSALS: Final = "特定商取引法17条・特定電子メール法3条3項(番号・連絡先のハッシュ値のみ)"
_HOW = "how it stands, in words of ours"


@dataclass(frozen=True, slots=True)
class Held:
    """Rows that are a person's: those whose `by` is in the set `of` (`person.py`).

    At an erasure they go (`gone`), or these columns become what `blank` says; `kept` names the others that hold words,
    and why those are nobody's. `law` is what demands that the rows stay as they are, and for how long.
    """

    of: str
    by: str
    blank: Mapping[str, Any] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)
    gone: bool = False
    law: str = ""


def _unlike(word: str, field_name: str = "pk") -> Any:
    """A value of its own for each row, where two must not be the same."""
    return Concat(Value(word), Cast(F(field_name), models.CharField()))


def gone(of: str, by: str) -> Held:
    """Rows that go."""
    return Held(of, by, gone=True)


_NO_ADDRESSES: Final[dict[str, Any]] = {"to": [], "cc": [], "bcc": []}
_MOVES: Final[dict[str, Any]] = {"before": {}, "after": {}}
_IDS = {"moved": "ids"}
# In the order in which they go: what refers to others before those.
HELD: Final[dict[str, Held]] = {
    "search.Document": gone("documents", "pk"),
    "search.FileText": gone("attachments", "attachment_id"),
    "email.SentMail": gone("sent", "external_id"),
    "email.RemoteImage": gone("messages", "message_id"),
    "infra.EventWords": gone("events", "event_id"),
    "escalations.SlipLetter": gone("slips", "slip_id"),
    "escalations.Slip": Held(
        "cases",
        "case_id",
        blank={
            **dict.fromkeys(("caller", "call_back", "words", "done_words", "undelivered"), ""),
            "generation": F("generation") + 1,
        },
        kept={"to_name": "who was asked", "to_address": "who was asked", "language": _HOW},
    ),
    "escalations.EscalationFile": gone("questions", "escalation_id"),
    "escalations.Escalation": Held(
        "cases",
        "case_id",
        blank={"question": "—", "tried": "", "answer": "", "no_article": ""},
        kept={"answered_as": "who answered"},
    ),
    "complaints.Complaint": Held(
        "cases",
        "case_id",
        blank={"facts": "—", **dict.fromkeys(("demand", "manner", "corrective", "answer"), "")},
    ),
    "feedback.Praise": Held("cases", "case_id", blank={"words": "—"}),
    "shield.Appeal": Held("marks", "mark_id", blank={"words": "—", "answer": ""}),
    "shield.PoliceReport": Held(
        "marks", "mark_id", blank={"place": "—", "officer": "", "number": "", "words": ""}
    ),
    "shield.Stop": Held(
        "marks",
        "mark_id",
        blank={"reason": "—", "second_words": ""},
        kept={"channel": _HOW},
    ),
    "shield.Suggestion": Held("cases", "case_id", blank={"found": [], "reason": ""}),
    "shield.Mark": Held("cases", "case_id", blank={"words": "", "reason": ""}),
    "shield.Consultation": Held("cases", "case_id", blank={"words": "—", "answer": ""}),
    "signals.Signal": Held(
        "cases", "case_id", blank={"words": "—", "tags": [], "serial": ""}, kept={"lot": _HOW}
    ),
    "signals.Instruction": Held(
        "cases", "case_id", blank={"words": [], "reason": ""}, kept={"sorts": "how we work"}
    ),
    "signals.Grave": Held("cases", "case_id", blank={"words": [], "reason": ""}, kept={"sorts": _HOW}),
    "reservations.Reservation": Held(
        "customers", "customer_id", blank={"note": "", "former": None}, kept={"once": "made with the form"}
    ),
    "following.Notification": gone("cases", "case_id"),
    "intake.RawArrival": gone("arrivals", "arrival_id"),
    "intake.Report": Held(
        "arrivals",
        "arrival_id",
        blank={"recipient": "", "words": ""},
        kept={"status": "a code of mail servers"},
    ),
    "intake.Arrival": Held(
        "arrivals",
        "pk",
        blank={"summary": "", "reason": "", "form": ""},
        kept={
            "channel": _HOW,
            "source": "by which door it came",
            "sha256": "a hash, by which the same mail is not taken in again",
            "fingerprint": "a hash, by which the same mail is not taken in again",
        },
    ),
    "intake.Awaited": gone("cases", "case_id"),
    "intake.SenderRule": gone("mails", "pattern"),
    "delivery.Outgoing": Held(
        "messages",
        "message_id",
        blank={"text": "", "in_reply_to": "", "references": "", "instead": "", "response": "", "stood": None},
        kept={
            "channel": _HOW,
            "choices": "titles of articles",
            "external_id": "our own name for the mail",
            "receipt": _HOW,
        },
    ),
    "cases.Attachment": gone("attachments", "pk"),
    "cases.DraftFile": gone("drafts", "draft_id"),
    "cases.Draft": gone("drafts", "pk"),
    "cases.PendingFile": gone("answers", "answer_id"),
    "cases.PendingAnswer": Held(
        "answers",
        "pk",
        blank={
            **_NO_ADDRESSES,
            "text": "",
            "word": "",
            "comment": "",
            "first_text": "",
            "detail": "",
            "confirmed": [],
        },
        kept={"why": _HOW, "was_status": _HOW},
    ),
    "cases.Mention": gone("notes", "note_id"),
    "cases.Note": Held("notes", "pk", blank={"text": ""}),
    "cases.HandOff": Held(
        "cases", "case_id", blank={"reason": "", "summary": "", "next_step": "", "promises": ""}
    ),
    "cases.Merge": Held("cases", "case_id", blank=_MOVES, kept=_IDS),
    "cases.Split": Held("cases", "case_id", blank=_MOVES, kept=_IDS),
    "macros.MacroRun": Held("cases", "case_id", blank={"before": {}, "draft": None}, kept={"tasks": "ids"}),
    "batches.BatchRow": Held("cases", "case_id", blank={"before": None, "reason": ""}),
    "bot.Verdict": Held("cases", "case_id", blank={"words": ""}, kept={"found": _HOW}),
    "promises.Promise": Held("cases", "case_id", blank={"words": ""}),
    "promises.DelayNotice": Held(
        "cases", "case_id", blank={"reason": "", "stands": "", "text": ""}, kept={"metric": _HOW}
    ),
    "tasks.Task": Held("cases", "case_id", blank={"title": "—", "former": []}),
    "cases.FilledValue": gone("cases", "case_id"),
    "imports.Origin": Held(
        "cases",
        "case_id",
        blank={"number": ""},
        kept={
            "source": _HOW,
            "kind": _HOW,
            "external_id": "the id there, by which it does not come in again",
        },
    ),
    "cases.Message": Held(
        "messages",
        "pk",
        blank={
            **_NO_ADDRESSES,
            **dict.fromkeys(("sender_name", "sender_address", "subject", "text", "new_text", "html"), ""),
            "reply_to": [],
            "pieces": [],
            "trust": None,
            "external_id": _unlike("erased-"),
        },
        kept={"channel": _HOW, "automatic": _HOW},
    ),
    "cases.Case": Held(
        "cases",
        "pk",
        blank={
            "subject": "—",
            "preview": "",
            "former_number": "",
            "tags": [],
            "feelings": [],
            "checked": [],
            "filled": {},
            "reply_token": _unlike("erased"),
            "version": F("version") + 1,
            "link_generation": F("link_generation") + 1,
        },
        kept={"language": _HOW, "due_for": _HOW},
    ),
    "voice.Recording": gone("calls", "call_id"),
    "voice.PlannedCall": Held("calls", "origin_id", blank={"number": ""}),
    "voice.Call": Held(
        "calls",
        "pk",
        blank={"caller": "", "keys": ""},
        kept={
            "uid": "the gateway's own name for it",
            "called": "a number of ours",
            "spans": "what began when",
            "stays": "in which queues of ours it waited, from when to when",
            "purpose": "what a menu of ours calls the key that was pressed",
            "divided": "to which desks of ours it was sent, when and by which rule",
        },
    ),
    "webchat.Visit": gone("visitors", "visitor"),
    "line.LinkCode": gone("line_friends", "friend_id"),
    "line.Friend": gone("line_users", "user"),
    "line.Received": gone("line_users", "user"),
    "line.SentPart": gone("sent", "external_id"),
    "storefronts.Handed": gone("handed_in", "pk"),
    "commerce.Decision": Held(
        "orders", "order_id", blank={"reason": "", "answer": ""}, kept={"choice": _HOW, "cause": _HOW}
    ),
    "commerce.Parcel": Held("parcels", "pk", blank={"slip": ""}),
    "commerce.Return": Held("returns", "pk", blank={"note": ""}, kept={"sums": "yen"}),
    "commerce.Piece": Held("lines", "line_id", blank={"serial": ""}, kept={"lot": "what was sold"}),
    "commerce.Solicitation": Held("orders", "order_id", blank={"outside": []}, kept={"duties": _HOW}),
    "commerce.Order": Held(
        "orders",
        "pk",
        blank={"recipient": "—", "postcode": "", "address": "—", "phone": "", "note": ""},
        kept={
            "rounding": _HOW,
            "outside": "its number in the shop where it was ordered",
            "medium": "where it was advertised",
            "referral": "a code that says nothing of whom it is",
        },
    ),
    "commerce.Subscription": Held(
        "customers",
        "customer_id",
        blank={"recipient": "—", "postcode": "", "address": "—", "phone": "", "why": "", "state": "ended"},
        kept={"said": "words of ours, and prices", **dict.fromkeys(("payment", "reason", "trouble"), _HOW)},
    ),
    "commerce.IssuedDocument": Held("orders", "order_id", law=PAPERS),
    "customers.Join": Held("customers", "into_id", blank=_MOVES | {"moved": {}}),
    "customers.Consent": Held("customers", "customer_id", blank={"note": ""}),
    "customers.Refusal": Held("refusals", "pk", law=REFUSALS),
    "customers.Belonging": gone("belongings", "pk"),
    "customers.CustomerNote": gone("customers", "customer_id"),
    "customers.Identity": gone("customers", "customer_id"),
    "customers.PostalAddress": gone("customers", "customer_id"),
    "customers.Unmasking": Held(
        "customers", "customer_id", blank={"reason": "—"}, kept={"field": "the name of a field"}
    ),
    "customers.Customer": Held(
        "customers",
        "pk",
        blank=dict.fromkeys(
            ("name", "kana", "address", "memo", "pace", "detail", "prefers", "former_names", "referral"), ""
        )
        | {"alerted": []},
        kept={"language": _HOW, "sort": _HOW, "rank": _HOW},
    ),
    "rights.Request": Held(
        "customers",
        "customer_id",
        blank={"words": "", "proof_note": "", "refusal": "", "archive": "", "wanted": {}, "withheld": []},
        kept={"trouble": _HOW, "result": "counts", "digest": "a hash"},
    ),
}
NOT_OF_CUSTOMERS: Final[dict[str, str]] = {
    "api.KeptAnswer": "numbers without words",
    "batches.Batch": "what was done to many cases",
    "bot.Turn": "which article a bot said, by ids",
    "feedback.Briefing": "what leaders tell their people of their work",
    "feedback.BriefingReading": "which of us has read it",
    "cases.Contact": "that there was a touch, by which channel",
    "cases.Look": "who of us looked",
    "cases.Seen": "how far each of us has read",
    "cases.ReadingAlarm": "who of us read how many",
    "cases.ReplyTime": "figures of a desk",
    "commerce.CampaignUse": "words of ours, and yen",
    "commerce.SubscriptionOrder": "days, and ids of orders",
    "commerce.OrderLine": "what was sold, which the books need",
    "commerce.ParcelStep": "how far a parcel came",
    "commerce.ShippingRule": "what sending costs",
    "commerce.Trial": "whether a remedy helped, by ids",
    "delivery.ArticleBasis": "which article an answer rests on",
    "delivery.Cited": "words of an article",
    "scripts.Walk": "which way one of us went through a talk script, by ids",
    "exports.Export": "a list of ours and its file; both go within a day",
    "following.Letter": "what the mail server of one of us said",
    "following.Wishes": "what one of us wishes to be told",
    "gaps.Gap": "words of several customers, and ids of what they wrote",
    "gaps.Rehearsal": "ids of cases, and which article would be found for each",
    "gaps.Search": "how far a search came",
    "helpcentre.Judgement": "`visitor` is made of an address that is not kept, and leads to nobody",
    "imports.Upload": "files lie here for some days; `erasing.py` has them go at once",
    "imports.UploadLine": "goes with the upload",
    "infra.Event": "facts by ids; sealed",
    "infra.EventCustomer": "which event tells of which customer, by ids",
    "infra.FailedReaction": "what a reader could not digest; `erasing.py` has the error go",
    "infra.GoneThrough": "how far the log was gone through",
    "infra.RateCount": "counts of two days; `erasing.py` drops those that name the person",
    "infra.Reader": "how far a reader has come",
    "infra.Seal": "hashes",
    "phone.CarriedCall": "how a call stands that a carrier holds; emptied two days after it was over",
    "phone.GoingCall": "how a call stands that goes on at a gateway of ours; goes when it is over",
    "promises.Clock": "times and names of ours",
    "rules.RuleRun": "what a rule of ours did, by ids and words of the rule",
    "shield.Care": "what is done for one of us",
    "shield.Help": "who of us called whom",
    "signals.Incident": "what was made of signals of many",
    "rights.RetentionRun": "counts by table, and hashes of files that are being deleted",
    "search.Posting": "goes with its document, by the database",
    "storefronts.Counterpart": "what a shop calls it, by which it does not come in again",
    "voice.OutsideLeg": "that a telephone of one of us rang outside, by the call's name; forgotten after two days",
    "webhooks.Delivery": "ids alone, by contract (`webhooks/public.py`)",
    **dict.fromkeys(
        ("cases.CaseLink", "cases.Presence", "cases.ReplyLock"), "how cases and people of ours stand"
    ),
}
# Apps whose every table is set up by us, and holds how we work.
SET_UP: Final = frozenset({"companies", "people", "knowledge", "fields", "views", "rules", "webform"})
SET_UP_TABLES: Final = frozenset(
    {
        "bot.Bot",
        "cases.IdentityNeed",
        "cases.ReadingLimit",
        "cases.ReadingMark",
        "bot.LearnedLimit",
        "bot.LimitWords",
        "bot.ScenarioVersion",
        "commerce.Campaign",
        "commerce.MediaEvent",
        "commerce.Counter",
        "commerce.Fit",
        "commerce.Remedy",
        "commerce.Symptom",
        "commerce.Product",
        "commerce.ReturnPolicy",
        "commerce.Shop",
        "commerce.Stock",
        "commerce.SubscriptionTerms",
        "commerce.Variant",
        "customers.ConsentWords",
        "customers.RefusalKey",
        "email.DkimKey",
        "email.Mailbox",
        "email.OAuthAccount",
        "email.SmtpServer",
        "helpcentre.HelpCentre",
        "helpcentre.Logo",
        "line.Account",
        "macros.Macro",
        "phone.CarrierAccount",
        "phone.TrunkRegistration",
        "promises.LevelsTrial",
        "promises.ServiceLevels",
        "reservations.Resource",
        "reservations.Store",
        "promises.ServiceLevelsVersion",
        "routing.Division",
        "routing.Sharing",
        "routing.Shift",
        "routing.Skill",
        "routing.Worker",
        "scripts.NumberScript",
        "shield.ConductPolicy",
        "shield.Duty",
        "shield.Terms",
        "signals.Watch",
        "surveys.Survey",
        "tasks.Plan",
        "tasks.PlanVersion",
        "storefronts.Storefront",
        "voice.AgentPhone",
        "voice.Announcement",
        "voice.FlowVersion",
        "voice.NumberNotice",
        "voice.NumberProduct",
        "voice.OutsideContact",
        "voice.OutsidePhone",
        "voice.RecordingTerm",
        "voice.SipPhone",
        "webchat.Widget",
        "webhooks.Endpoint",
    }
)


def model_of(label: str) -> Model:
    """The model of a table that is named here."""
    return apps.get_model(label)


def word_columns(model: Model) -> Iterator[str]:
    """The columns of a table in which words can stand: no choice of ours, no number, no time."""
    for column in model._meta.concrete_fields:
        is_text = isinstance(column, models.CharField | models.TextField) and not column.choices
        holds = isinstance(column, models.JSONField | models.BinaryField | ArrayField | SecretField)
        if column.remote_field is None and (is_text or holds):
            yield column.name


def is_known(model: Model) -> bool:
    """Whether it is said of a table whose its words are."""
    label = model._meta.label
    set_up = model._meta.app_label in SET_UP or label in SET_UP_TABLES
    return label in HELD or label in NOT_OF_CUSTOMERS or set_up


def unsaid(found: "list[Model]") -> list[str]:
    """Tables and columns that can hold a word of a person, and of which nobody has said what becomes of it."""
    wrong = []
    for model in found:
        columns = list(word_columns(model))
        if columns and not is_known(model):
            wrong.append(model._meta.label)
        held = HELD.get(model._meta.label)
        if held and not held.gone and not held.law:
            said = {*held.blank, *held.kept}
            wrong += [f"{model._meta.label}.{name}" for name in columns if name not in said]
    return wrong
