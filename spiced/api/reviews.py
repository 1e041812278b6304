"""Reviews of calls, as coaching has them."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.filters import Filter, Filters
from accounts.rules.fields import Field, Kind
from spiced.models import CallReview
from spiced.queries.reviews import reviews_in_reach
from spiced.rules.coaching import BEHAVIOURS, MOST
from tenants.rest.schema import PAGING, page_of
from tenants.rest.views import Endpoint
from tenants.roles import Can


class ReviewItems(serializers.Serializer[CallReview]):
    """The items of a review, each 0 to 3."""

    situation = serializers.IntegerField(min_value=0, max_value=MOST)
    pain = serializers.IntegerField(min_value=0, max_value=MOST)
    rational_impact = serializers.IntegerField(min_value=0, max_value=MOST)
    emotional_impact = serializers.IntegerField(min_value=0, max_value=MOST)
    critical_event = serializers.IntegerField(min_value=0, max_value=MOST)
    decision = serializers.IntegerField(min_value=0, max_value=MOST)


class ReviewOutput(serializers.ModelSerializer[CallReview]):
    """One review of a call."""

    person = serializers.EmailField(
        source="person.email", read_only=True, help_text="Who led the call."
    )
    reviewer = serializers.EmailField(source="reviewer.email", read_only=True)
    version = serializers.IntegerField(
        source="note.version", read_only=True, help_text="The version of the note of the call."
    )
    touchpoint = serializers.CharField(source="note.touchpoint", read_only=True)
    items = ReviewItems(read_only=True)
    behaviours = serializers.ListField(
        child=serializers.ChoiceField(choices=tuple(BEHAVIOURS)), read_only=True
    )
    score = serializers.FloatField(
        read_only=True, help_text="0 to 100: items ÷ 18 × 80, and 5 for each behaviour."
    )
    questions_ours = serializers.IntegerField(
        source="note.questions_ours", read_only=True, allow_null=True
    )
    questions_theirs = serializers.IntegerField(
        source="note.questions_theirs", read_only=True, allow_null=True
    )

    class Meta:
        model = CallReview
        fields = (
            *("id", "account_id", "version", "touchpoint", "held_on", "person", "reviewer"),
            *("items", "behaviours", "score", "comment", "questions_ours", "questions_theirs"),
            "reviewed_at",
        )
        read_only_fields = fields


FILTERS = Filters(
    [
        Filter(
            "person", "person__email__iexact", Field("person", "Person", Kind.EMAIL),
            "E-mail address of who led the call.",
        ),
        Filter("account_id", "account_id", Field("account_id", "Account"), "Id of the account."),
        Filter(
            "held_since", "held_on__gte", Field("held_since", "Held since", Kind.DATE),
            "Calls of this day and later.",
        ),
    ]
)  # fmt: skip


class Reviews(Endpoint):
    """The reviews of calls."""

    needs = {"GET": Can.READ_REVIEWS}
    tag = "SPICED"

    @extend_schema(
        operation_id="list_reviews",
        summary="List reviews of calls",
        description=(
            "Every review in force, the newest first: six items, what was seen, the score, and "
            "how many questions each side asked where the transcript was counted."
        ),
        parameters=[*PAGING, *FILTERS.parameters],
        responses=page_of(ReviewOutput),
    )
    def get(self, request: Request) -> Response:
        rows = reviews_in_reach(self.actor).filter(replaced_at=None)
        rows = rows.select_related("note", "person", "reviewer")
        return self.paged(FILTERS.apply(rows, request), ReviewOutput, sort="-reviewed_at")
