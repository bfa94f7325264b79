"""What a study asks: names, scores and words of every level, and whether a vote answers it."""

from collections.abc import Mapping
from dataclasses import dataclass

from iae.labels import EMOTIONS, LEVEL_SCORES, LEVELS
from iae.study.errors import AnswerError
from iae.study.settings import StudySettings
from iae.study.texts import language_file
from iae.study.values import LevelText, QuestionText


@dataclass(frozen=True, kw_only=True)
class Level:
    """One level of a question."""

    name: str
    score: float | None
    """What it counts on the question's own scale; None: a choice among kinds (an emotion)."""
    keys: str


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question of a study."""

    name: str
    levels: tuple[Level, ...]
    """In the order in which they are shown."""

    @property
    def scores(self) -> dict[str, float]:
        """Level -> score; empty for a question without scores."""
        return {level.name: level.score for level in self.levels if level.score is not None}

    @property
    def scale(self) -> tuple[float, float]:
        """Worst and best score. Only of a question with scores."""
        return min(self.scores.values()), max(self.scores.values())


def questions_of(settings: StudySettings) -> tuple[Question, ...]:
    """The questions of a study, in the order of its settings."""
    return tuple(_question(name, settings) for name in settings.questions)


def _question(name: str, settings: StudySettings) -> Question:
    if name == "quality":
        best_first = reversed(list(zip(LEVELS, LEVEL_SCORES, strict=True)))
        levels = [Level(name=level, score=score, keys=f"{number}{level[0]}")
                  for number, (level, score) in enumerate(best_first, 1)]  # fmt: skip
    elif name == "emotion":
        levels = [Level(name=emotion, score=None, keys=str(number))
                  for number, emotion in enumerate(EMOTIONS, 1)]  # fmt: skip
    else:
        levels = [Level(name=level.name, score=level.score, keys=level.keys or str(number))
                  for number, level in enumerate(settings.scales[name].levels, 1)]  # fmt: skip
    return Question(name=name, levels=tuple(levels))


def question_texts(settings: StudySettings, language: str) -> tuple[QuestionText, ...]:
    """The questions in the words of a language."""
    return tuple(
        QuestionText(
            name=question.name,
            text=_words(settings, language, question.name).get("text", question.name),
            levels=[
                LevelText(
                    name=level.name,
                    label=_words(settings, language, question.name).get(level.name, level.name),
                    keys=level.keys,
                )
                for level in question.levels
            ],
        )
        for question in questions_of(settings)
    )


def _words(settings: StudySettings, language: str, question: str) -> Mapping[str, str]:
    """``text``, and the label of each level that has one."""
    scale = settings.scales.get(question)
    if scale is None:
        words: Mapping[str, str] = language_file(language)[question]
        return words
    own = {level.name: level.label[language] for level in scale.levels if language in level.label}
    return own | ({"text": scale.text[language]} if language in scale.text else {})


def check_answers(questions: tuple[Question, ...], answers: object) -> dict[str, str]:
    """The answers as they are stored: one level for every question, in the questions' order.

    Raises:
        AnswerError: a question is not answered or unknown, or has no such level.
    """
    if not isinstance(answers, Mapping):
        raise AnswerError("the answers must be a table of questions and levels")
    names = [question.name for question in questions]
    for name in answers:
        if name not in names:
            raise AnswerError(f"this study does not ask for {str(name)[:40]!r}; "
                              f"its questions: {', '.join(names)}")  # fmt: skip
    checked = {}
    for question in questions:
        level = answers.get(question.name)
        known = [known.name for known in question.levels]
        if level is None:
            raise AnswerError(f"the question '{question.name}' is not answered")
        if level not in known:
            raise AnswerError(f"'{question.name}' has no level {str(level)[:40]!r}; "
                              f"known: {', '.join(known)}")  # fmt: skip
        checked[question.name] = str(level)
    return checked
