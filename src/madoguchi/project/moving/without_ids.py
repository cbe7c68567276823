"""Columns of numbers, lists and objects that hold no ids: what of a company goes along as it is (`registry`)."""

from typing import Final

WITHOUT_IDS: Final = frozenset(
    {
        "batches.Batch.fills",
        "cases.Attachment.size",
        "cases.Case.number",
        "cases.DraftFile.size",
        *(f"cases.Message.{name}" for name in ("bcc", "cc", "pieces", "reply_to", "to", "trust")),
        "cases.NumberCounter.last",
        "cases.IdentityNeed.level",
        "cases.ReadingAlarm.customers",
        *(f"cases.ReadingLimit.{name}" for name in ("before", "before_day", "per_day", "per_hour")),
        *(f"cases.PendingAnswer.{name}" for name in ("bcc", "cc", "to")),
        "cases.PendingFile.size",
        "companies.Desk.acknowledgements",
        "escalations.EscalationFile.size",
        "commerce.Campaign.spent",
        "commerce.IssuedDocument.kept",
        "commerce.OrderLine.taken",
        "commerce.Return.sums",
        "commerce.ShippingRule.regions",
        # Of which model `ours` is, its kind says: `registry` turns it.
        *(f"storefronts.Counterpart.{name}" for name in ("ours", "tie", "version")),
        *("customers.Join.after", "customers.Join.before"),
        *("commerce.Product.attributes", "commerce.Variant.attributes"),
        "reservations.Store.hours",
        *("gaps.Gap.figures", "rights.Request.result"),
        *("rights.Request.size", "rights.Request.wanted"),
        "macros.MacroRun.draft",
        "scripts.Walk.path",
        "promises.Clock.acted",
        "routing.Sharing.needs",
        "email.Mailbox.last_uid",
        "infra.EventWords.changes",
        "email.Mailbox.uid_validity",
        *("email.OAuthAccount.endpoints", "email.OAuthAccount.places"),
        "email.SentMail.recipients",
        *("tasks.Plan.steps", "tasks.PlanVersion.steps"),
        "signals.Incident.figures",
        "voice.Call.spans",
        "voice.FlowVersion.document",
        "voice.Recording.size",
        *("voice.RecordingTerm.days", "voice.RecordingTerm.days_before"),
        "webform.Form.fields",
    }
)
