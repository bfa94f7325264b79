"""Bringing a database to the newest schema, with Alembic and without its configuration files."""

from pathlib import Path

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from iae.study.errors import StudyError


def scripts() -> ScriptDirectory:
    """The steps of the schema."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def schema_version(connection: Connection) -> str | None:
    """The step a database is at; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def migrate(connection: Connection, target: str = "head") -> None:
    """Run the steps that are missing, within the transaction of the connection.

    Args:
        connection: in a transaction that may write; either all steps are kept or none.
        target: the step to stop at; tests start from older ones.

    Raises:
        StudyError: the database was left by a newer version of this program.
    """
    directory = scripts()
    known = {script.revision for script in directory.walk_revisions()}
    version = schema_version(connection)
    if version is not None and version not in known:
        raise StudyError(f"the study database has the schema {version}, which is newer than this "
                         "program knows; update iae")  # fmt: skip

    def steps(revision: object, _: MigrationContext) -> object:
        return directory._upgrade_revs(target, revision)  # type: ignore[arg-type]

    config = directory_config()
    with EnvironmentContext(config, directory, fn=steps) as environment:
        environment.configure(connection=connection)
        environment.run_migrations()


def directory_config() -> Config:
    """An Alembic configuration without a file."""
    return Config()
