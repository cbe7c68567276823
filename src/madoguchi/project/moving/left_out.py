"""What does not go along when a company moves, and why."""

from typing import Final

LEFT_OUT: Final = {
    "cases.FilledValue": "is made anew by the database from the cases",
    "cases.Presence": "who has a case open at this moment",
    "cases.ReplyLock": "who writes an answer at this moment",
    "escalations.SlipLetter": "mails of this installation: their links lead here, and the slip says what became of it",
    "exports.Export": "lists that somebody of this installation has written into a file, which lies here",
    "gaps.Search": "how searches of this installation went: what they found goes along",
    "gaps.Rehearsal": "what was tried in this installation: it is tried anew on the cases that came along",
    "imports.Upload": "files that were uploaded to this installation, and how bringing them in went here",
    "imports.UploadLine": "what was said of those files",
    "infra.EventCustomer": "is made anew by the database from the events",
    "infra.FailedReaction": "what a reader of this installation could not digest",
    "phone.CarriedCall": "calls that a carrier leads by asking this installation: what became of them goes along",
    "phone.GoingCall": "calls that go on at a gateway of this installation: what became of them goes along",
    "line.LinkCode": "codes that count for minutes",
    "line.Received": "what LINE handed in to this installation: what was made of it goes along",
    "promises.LevelsTrial": "what was tried in this installation: it is tried anew on the cases that came along",
    "rights.RetentionRun": "how carrying out rules of retention went in this installation",
    "search.Document": "is made anew from the cases",
    "search.FileText": "is made anew from the files",
    "shield.Care": "what an operator does for its people is not the company's to take along",
    "shield.Consultation": "what an operator's people tell their employer is not the company's to take along",
    "storefronts.Handed": "what shops handed in to this installation: what was made of it goes along",
    "voice.OutsideLeg": "that a carrier rang somebody outside for this installation: what became of calls goes along",
    "webhooks.Delivery": "what was sent from this installation",
    "webhooks.Endpoint": "systems outside are told by one installation, with a secret of its own: they are set up anew",
}
# Without what is secret in them they are worth nothing.
NOTHING_BUT_SECRET: Final = frozenset(
    {
        *("customers.RefusalKey", "email.DkimKey", "email.OAuthAccount", "line.Account"),
        "phone.CarrierAccount",
    }
)
