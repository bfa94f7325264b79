"""What goes over the wire, as the OpenAPI description tells it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

OpaqueId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
ShortText = Annotated[str, Field(max_length=64)]


class _Sent(BaseModel):
    """What a page sends: nothing that is not asked for."""

    model_config = ConfigDict(extra="forbid")


class Problem(BaseModel):
    """Why a request was refused."""

    error: str = Field(description="Which kind, for programs.", examples=["unknown_id"])
    message: str = Field(description="The same for people, in English.")


class ConsentSent(_Sent):
    """That the rater agrees to the text that was shown."""

    version: ShortText = Field(description="Version of that text, from the session.")


class VoteSent(_Sent):
    """One vote."""

    assignment: OpaqueId
    key: Key = Field(description="Idempotency key, chosen once a vote: sent again, it counts once.")
    answers: Annotated[dict[Name, Name], Field(min_length=1, max_length=9)] = Field(
        description="Question to level.", examples=[{"quality": "good"}]
    )
    seconds: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] | None = Field(
        default=None, description="How long the photo was to be seen."
    )
    conditions: Annotated[dict[Name, ShortText | float], Field(max_length=16)] | None = Field(
        default=None, description="Of the screen; which ones are known, the study tells."
    )


class UndoSent(_Sent):
    """Take the latest vote back."""

    key: Key = Field(description="Idempotency key, chosen once an undo.")


class LevelShown(BaseModel):
    """One level of a question."""

    name: str
    label: str
    keys: str = Field(description="Each character is a key that chooses it.")


class QuestionShown(BaseModel):
    """One question."""

    name: str
    text: str
    levels: list[LevelShown]


class Session(BaseModel):
    """Everything that the page says, and who rates."""

    rater: str = Field(description="Pseudonym.")
    csrf: str = Field(description="For the header X-CSRF-Token of every POST.")
    demo: bool = Field(description="Whether nothing is stored.")
    consented: bool
    consent_version: str = Field(description="Empty: no consent is asked for.")
    pause_every: int = Field(description="Votes after which a pause is suggested; 0: never.")
    pause_seconds: int
    title: str
    language: str
    languages: dict[str, str] = Field(description="Languages on offer, each named in itself.")
    texts: dict[str, str]
    questions: list[QuestionShown]


class AssignmentShown(BaseModel):
    """One photo to rate."""

    id: str
    image: str = Field(description="For /api/images/{image}.")
    number: int = Field(description="Its place in this rater's sequence, from 1.")
    answers: dict[str, str] | None = Field(description="What was said before it was taken back.")


class ProgressShown(BaseModel):
    """How far the rater is."""

    rated: int
    left: int = Field(description="At most so many more; others rate them too.")
    can_undo: bool
    pause_seconds: int = Field(description="Left of a suggested pause; 0: go on.")


class Next(BaseModel):
    """What to show now, and what to load ahead."""

    state: Literal["rating", "waiting", "done"]
    assignments: list[AssignmentShown]
    progress: ProgressShown


class VoteStored(BaseModel):
    """The vote is durable."""

    assignment: str
    number: int
    repeated: bool = Field(description="It had been stored before: the answer must have been lost.")
    changed: bool = Field(description="It replaced an earlier vote, which is kept.")


class Undone(BaseModel):
    """What to rate anew."""

    assignment: AssignmentShown | None = Field(description="null: there was nothing to take back.")
    progress: ProgressShown


class Alive(BaseModel):
    """The server answers."""

    alive: Literal[True] = True
