"""What customers do, ask and say, field by field, added to what can be brought in."""

from accounts.rules.checks import Check, Values, after
from accounts.rules.fields import Field, Kind
from accounts.targets.registry import CURRENCY, Target, account_of, external_id, register
from pulse.models import Activity, Invoice, SeriesValue, SurveyAnswer, Ticket, Usage
from pulse.rules.scales import SCALES, is_on_scale

AUTHOR = Field(
    "author",
    "Author",
    Kind.REFERENCE,
    help="E-mail address of a member.",
    aliases=("owner", "user"),
    column="author_id",
    refers_to="members",
)


def _on_scale(values: Values) -> bool:
    return is_on_scale(values.get("kind"), values.get("score"))


def _scale_words(values: Values) -> str:
    least, most = SCALES[values["kind"]]
    return f"{values['kind'].upper()} scores go from {least} to {most}; {values['score']} is none."


TICKETS = register(
    Target(
        "tickets",
        "Tickets",
        "ticket",
        Ticket,
        (
            external_id("ticket", "ticket id", "case id", "case number"),
            account_of("ticket"),
            Field("subject", "Subject", most=300, aliases=("title", "summary")),
            Field(
                "priority",
                "Priority",
                Kind.WHOLE,
                least=1,
                most=4,
                help="1 is the most urgent, 4 the least.",
                aliases=("severity",),
            ),
            Field("status", "Status", Kind.CHOICE, choices=("open", "waiting", "resolved")),
            Field(
                "opened_at",
                "Opened",
                Kind.MOMENT,
                required=True,
                aliases=("created", "created at", "opened", "created date"),
            ),
            Field("first_response_at", "First response", Kind.MOMENT, aliases=("first reply",)),
            Field(
                "resolved_at", "Resolved", Kind.MOMENT, aliases=("closed", "closed at", "solved")
            ),
            Field("reopened", "Times reopened", Kind.WHOLE, least=0, most=1000),
            Field("csat", "Satisfaction", Kind.WHOLE, least=1, most=5, help="1 to 5."),
            Field("is_escalated", "Escalated", Kind.YES_NO),
        ),
        checks=(
            after(
                "opened_at",
                "first_response_at",
                code="answered_before_opened",
                reason="It was answered before it was opened.",
            ),
            after(
                "opened_at",
                "resolved_at",
                code="resolved_before_opened",
                reason="It was resolved before it was opened.",
            ),
        ),
    )
)

ANSWERS = register(
    Target(
        "answers",
        "Survey answers",
        "survey answer",
        SurveyAnswer,
        (
            external_id("survey answer", "response id", "answer id"),
            account_of("survey answer", required=False),
            Field(
                "contact",
                "Contact",
                Kind.REFERENCE,
                most=200,
                help="External id of the contact who answered.",
                aliases=("contact id", "respondent"),
                column="contact_id",
                refers_to="contacts",
            ),
            Field(
                "kind",
                "Kind",
                Kind.CHOICE,
                required=True,
                choices=tuple(SurveyAnswer.Kind.values),
                help="NPS takes 0 to 10, CSAT 1 to 5, CES 1 to 7.",
                aliases=("survey", "survey type"),
            ),
            Field("wave", "Wave", most=80, aliases=("campaign", "round")),
            Field(
                "score",
                "Score",
                Kind.WHOLE,
                required=True,
                least=0,
                most=10,
                aliases=("rating", "answer"),
            ),
            Field("comment", "Comment", aliases=("feedback", "verbatim")),
            Field(
                "answered_at",
                "Answered",
                Kind.MOMENT,
                required=True,
                aliases=("responded", "date", "submitted"),
            ),
            Field("loop_closed_at", "Followed up", Kind.MOMENT),
        ),
        checks=(Check(("kind", "score"), "score", "off_the_scale", _on_scale, _scale_words),),
    )
)

INVOICES = register(
    Target(
        "invoices",
        "Invoices",
        "invoice",
        Invoice,
        (
            external_id("invoice", "invoice id", "invoice number"),
            account_of("invoice"),
            Field(
                "amount_minor",
                "Amount",
                Kind.MONEY,
                required=True,
                help="In minor units (cents); a credit note is negative.",
                aliases=("amount", "total"),
            ),
            CURRENCY,
            Field("issued_on", "Issued on", Kind.DATE, aliases=("invoice date", "issued")),
            Field("due_on", "Due on", Kind.DATE, required=True, aliases=("due", "due date")),
            Field("paid_on", "Paid on", Kind.DATE, aliases=("paid", "payment date")),
            Field("status", "Status", Kind.CHOICE, choices=tuple(Invoice.Status.values)),
        ),
        checks=(
            after(
                "issued_on",
                "due_on",
                code="due_before_issued",
                reason="It is due on {due_on}, before it was issued on {issued_on}.",
            ),
        ),
    )
)

ACTIVITIES = register(
    Target(
        "activities",
        "Activities",
        "activity",
        Activity,
        (
            external_id("activity", "activity id", "event id"),
            account_of("activity"),
            Field(
                "kind",
                "Kind",
                Kind.CHOICE,
                required=True,
                choices=("call", "meeting", "email", "review", "note"),
                aliases=("type", "activity type"),
            ),
            Field("direction", "Direction", Kind.CHOICE, choices=("inbound", "outbound")),
            Field(
                "initiator", "Initiated by", Kind.CHOICE, choices=tuple(Activity.Initiator.values)
            ),
            Field(
                "is_two_way",
                "Two-way",
                Kind.YES_NO,
                help="Whether the account answered or took part.",
            ),
            Field(
                "at", "When", Kind.MOMENT, required=True, aliases=("date", "start", "held", "sent")
            ),
            Field("minutes", "Minutes", Kind.WHOLE, least=0, most=1440, aliases=("duration",)),
            Field("purpose", "Purpose", most=200, aliases=("subject", "topic")),
            Field("outcome", "Outcome for the account", most=500, aliases=("result",)),
            Field("notes", "Notes", aliases=("body", "description")),
            Field(
                "contacts",
                "Contacts",
                Kind.REFERENCES,
                most=200,
                help="External ids of the contacts who took part.",
                aliases=("participants", "attendees"),
                column="contact_ids",
                refers_to="contacts",
            ),
            AUTHOR,
        ),
    )
)

USAGE = register(
    Target(
        "usage",
        "Usage",
        "usage value",
        Usage,
        (
            account_of("usage value"),
            Field(
                "day",
                "Day",
                Kind.DATE,
                required=True,
                help="The day, or the Monday of the week where span_days is 7.",
                aliases=("date", "week"),
            ),
            Field(
                "feature",
                "Feature",
                most=80,
                help="Key of the feature; one that is new is added. Empty: use as a whole.",
                aliases=("event", "module"),
            ),
            Field(
                "person",
                "Person",
                most=80,
                help="A hash of the person's id in the source; never a name or an address.",
                aliases=("user", "user id", "user hash"),
            ),
            Field(
                "n",
                "Uses",
                Kind.WHOLE,
                least=0,
                most=10**12,
                help="How often it was used.",
                aliases=("count", "uses", "actions", "events"),
            ),
            Field(
                "active_users",
                "Active users",
                Kind.WHOLE,
                least=0,
                help="The source's own count of people, where it does not tell them apart.",
                aliases=("users", "distinct users", "dau", "mau"),
            ),
            Field(
                "span_days",
                "Days covered",
                Kind.WHOLE,
                least=1,
                most=7,
                help="7 where the source counts whole weeks; 1 otherwise.",
            ),
        ),
    )
)

SERIES = register(
    Target(
        "series",
        "Series",
        "series value",
        SeriesValue,
        (
            account_of("series value"),
            Field(
                "series",
                "Series",
                required=True,
                most=80,
                help="Key of the series; one that is new is added.",
                aliases=("metric", "measure", "indicator"),
            ),
            Field("day", "Day", Kind.DATE, required=True, aliases=("date", "as of")),
            Field(
                "value",
                "Value",
                Kind.NUMBER,
                help="The number of that day; empty takes back what was sent of it.",
                aliases=("number", "amount", "score"),
            ),
        ),
    )
)
