"""What the API takes about hand-offs, and about who works them and when. Who acts is named in `by`."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from leadline.web.api.given import NO_NUL, READABLE, Body, Id, LongText, MomentIn, PageQuery, Text, read_whole

StateAsked = Literal[
    "open", "waiting", "claimed", "accepted", "rejected", "recycled", "disqualified", "excluded", "bad_data", "cooled",
    "withdrawn", "merged",
]  # fmt: skip
DecisionName = Literal["accepted", "rejected", "recycled", "disqualified", "excluded", "bad_data"]
CallResult = Literal["reached", "no-answer", "voicemail", "call-back", "wrong-number"]
NOBODY = "nobody"
MOST_PEOPLE = 200


Email = Annotated[str, StringConstraints(min_length=1, max_length=254, pattern=NO_NUL)]
Note = Annotated[str, StringConstraints(max_length=2000, pattern=NO_NUL)]
Day = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), Field(description="A day, such as 2026-12-24.")
]


class HandOffQuery(PageQuery):
    """Which hand-offs, in which order."""

    state: Annotated[StateAsked | None, Field(description="`open`: waiting or claimed.")] = None
    owner: Annotated[Text, Field(description="The e-mail address of who has it, or `nobody`.")] = ""
    team: Annotated[Text, Field(description="The team's id in the playbook, or `nobody`: in no team.")] = ""
    lead: Id | None = None
    qualification: Text = ""
    late: Annotated[bool | None, Field(description="Whether nobody answered in time.")] = None
    updated_since: Annotated[
        MomentIn | None, Field(description="Something happened to it since: a step was made, or undone.")
    ] = None
    sort: Annotated[
        Literal["id", "urgency"],
        Field(description="`urgency`: as in the queue, the most urgent first, as of the first page."),
    ] = "id"


class ByIn(Body):
    """In whose name a program acts."""

    by: Annotated[Email, Field(description="The e-mail address of a member who works on leads.")]


class ReleaseIn(ByIn):
    """Who gives it back, and why."""

    why: LongText = ""


class AssignIn(ByIn):
    """Who gives it to whom."""

    to: Annotated[Email, Field(description="The e-mail address of the member who gets it.")]


class CallIn(ByIn):
    """A call, how it went, and when one calls again: at most 90 days ahead. It is put off until then, unless it is accepted."""

    result: CallResult
    text: Note = ""
    again: MomentIn | None = None


class NoteIn(ByIn):
    """What somebody writes down for people to read."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=5000, pattern=READABLE)]


class MeetingIn(ByIn):
    """A meeting: when, for how long, where."""

    at: MomentIn
    minutes: Annotated[int, Field(ge=1, le=24 * 60), BeforeValidator(read_whole)] = 30
    place: LongText = ""


class MovedIn(ByIn):
    """When and where a meeting is instead; what is left out stays."""

    at: MomentIn | None = None
    minutes: Annotated[Annotated[int, Field(ge=1, le=24 * 60), BeforeValidator(read_whole)] | None, Field()] = None
    place: LongText | None = None


class SnoozeIn(ByIn):
    """Until when it is put off: at most 90 days."""

    until: MomentIn


class DecisionIn(ByIn):
    """What is decided, and why: `/handoffs/decisions` lists what the live playbook lets one say."""

    decision: DecisionName
    reason: Annotated[str, StringConstraints(max_length=120, pattern=NO_NUL)] = ""
    text: Note = ""


class AnswerIn(ByIn):
    """What somebody answered to a question of the playbook, and how one knows. `null` takes back what people answered."""

    question: Text
    answer: Literal["yes", "partly", "no"] | None
    evidence: LongText = ""


# -- who works, and when ---------------------------------------------------------------------------------------------

Stretch = Annotated[
    list[Annotated[str, StringConstraints(pattern=r"^[0-9]{2}:[0-9]{2}$")]],
    Field(min_length=2, max_length=2, description='From and until: `["09:00", "12:30"]`.'),
]
Hours = Annotated[
    list[Annotated[list[Stretch], Field(max_length=12)]],
    Field(min_length=7, max_length=7, description="The stretches of work of seven weekdays, Monday first."),
]


class DayIn(Body):
    """A day, and what it is called."""

    day: Day
    name: Annotated[str, StringConstraints(max_length=100, pattern=NO_NUL)] = ""


Days = Annotated[list[DayIn], Field(max_length=400)]
CalendarName = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=NO_NUL)]


class CalendarIn(Body):
    """Working hours. What is left out is as for a new calendar on the page: Monday to Friday from nine to five, no holidays."""

    name: CalendarName
    timezone: Annotated[Text, Field(description="Such as `Europe/Berlin`; left out, the workspace's.")] = ""
    hours: Hours | None = None
    country: Annotated[Text, Field(description="Whose public holidays are days off: `DE`.")] = ""
    region: Annotated[Text, Field(description="Of the country: `BE`.")] = ""
    days_off: Annotated[Days, Field(description="Days off beside the holidays.")] = Field(default_factory=list)
    worked: Annotated[Days, Field(description="Holidays on which people work.")] = Field(default_factory=list)
    is_default: bool = False


class CalendarChangeIn(Body):
    """What is to be otherwise of a calendar; what is left out stays."""

    name: CalendarName | None = None
    timezone: Text | None = None
    hours: Hours | None = None
    country: Text | None = None
    region: Text | None = None
    days_off: Days | None = None
    worked: Days | None = None
    is_default: bool | None = None


TeamSlug = Annotated[
    str,
    StringConstraints(min_length=1, max_length=60, pattern=NO_NUL),
    Field(description="Its id in the playbook: what routes name."),
]
TeamName = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=NO_NUL)]
InTurns = Annotated[
    list[Email], Field(max_length=MOST_PEOPLE, description="E-mail addresses of members, in the order of the turns.")
]


CalendarId = Annotated[
    Annotated[Id, BeforeValidator(read_whole)] | None,
    Field(description="The working hours of its people who have none of their own; `null`: the workspace's."),
]
GivesOn = Annotated[bool, Field(description="Whether a late hand-off goes to the next in the turns.")]
GivesOnAway = Annotated[
    bool,
    Field(
        description="Whether what falls due while its owner is away goes to the next in the turns when the absence begins."
    ),
]
RaisesAfter = Annotated[
    Annotated[int, Field(ge=1, le=1_000), BeforeValidator(read_whole)] | None,
    Field(
        description="Working hours after which a late one that waits comes to the administrators; `null`: it does not."
    ),
]


class TeamIn(Body):
    """A team, who is in it, by which hours it works, and what follows when an answer is late or somebody is away."""

    slug: TeamSlug
    name: TeamName
    people: InTurns = Field(default_factory=list)
    calendar: CalendarId = None
    gives_on: GivesOn = False
    gives_on_away: GivesOnAway = False
    raises_after: RaisesAfter = None


class TeamChangeIn(Body):
    """What is to be otherwise of a team; what is left out stays."""

    slug: TeamSlug | None = None
    name: TeamName | None = None
    people: InTurns | None = None
    calendar: CalendarId = None
    gives_on: GivesOn = False
    gives_on_away: GivesOnAway = False
    raises_after: RaisesAfter = None


class SeatIn(Body):
    """How somebody works hand-offs; what is left out stays."""

    is_open: Annotated[bool, Field(description="Whether new hand-offs come to them.")] = True
    capacity: Annotated[
        Annotated[int, Field(ge=0, le=10_000), BeforeValidator(read_whole)] | None,
        Field(description="How many they work at once; `null`: any number."),
    ] = None
    calendar: Annotated[
        Annotated[Id, BeforeValidator(read_whole)] | None,
        Field(description="Their own working hours; `null`: the workspace's."),
    ] = None


class AbsenceIn(Body):
    """Days out of office, both included, in the workspace's time zone."""

    first: Day
    last: Day
    why: Annotated[str, StringConstraints(max_length=100, pattern=NO_NUL)] = ""
