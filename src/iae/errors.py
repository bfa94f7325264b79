"""What a person can fix. Anything else that is raised is a bug of ours and keeps its traceback."""


class IaeError(Exception):
    """A problem the user can solve; its text says what was found, what was wanted, what to do.

    The command line prints it as one line and exits with code 2.
    """


class ConfigError(IaeError):
    """A setting is unknown, of the wrong type, or out of its range."""


class DataError(IaeError):
    """A label file or data folder is not what its description says."""


class CheckpointError(IaeError):
    """A model file is damaged, of another kind, or made for other labels."""


class OutputError(IaeError):
    """Results cannot be written where they should go."""


class ImageError(IaeError):
    """One photo cannot be read. A long run turns it into a row with this reason and goes on."""


class XmpError(IaeError):
    """Stars and keywords of one photo cannot be read or written. A long run goes on without it."""


class MissingExtraError(IaeError):
    """An optional part of the package is not installed."""

    def __init__(self, extra: str, needed_for: str) -> None:
        super().__init__(
            f"{needed_for} needs packages that are not installed; run: pip install 'iae[{extra}]'"
        )
