"""What can go wrong between a rater and a study; each kind is one answer of a server."""

from iae.errors import IaeError


class StudyError(IaeError):
    """Something about a study that a person can fix."""


class StorageError(StudyError):
    """The database cannot be opened, read or written; nothing was acknowledged."""


class AccessError(StudyError):
    """A link that opens nothing (any more). A server answers all of them alike."""


class UnknownTokenError(AccessError):
    """No rater was ever given this token."""


class RevokedTokenError(AccessError):
    """The link was withdrawn by the owner of the study."""


class ExpiredTokenError(AccessError):
    """The link was only valid until a day that is over."""


class ConsentRequiredError(StudyError):
    """The rater has not agreed to the present version of the consent text."""


class UnknownIdError(StudyError):
    """No image or assignment of this rater has this id; a server answers 404."""


class AnswerError(StudyError):
    """A vote that does not answer the questions of the study; a server answers 400."""


class KeyReusedError(StudyError):
    """One idempotency key was sent with two different votes; a server answers 409."""
