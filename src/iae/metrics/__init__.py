"""Numbers out of predictions, in plain numpy: training, evaluation and export share them."""

from iae.metrics.bootstrap import Interval, bootstrap
from iae.metrics.calibration import (
    INTERVAL_COVERAGE,
    Calibration,
    calibrated_ece,
    expected_calibration_error,
)
from iae.metrics.classification import (
    accuracy,
    confusion_matrix,
    f1_per_class,
    macro_f1,
)
from iae.metrics.comparison import MethodComparison, compare_methods
from iae.metrics.conformal import conformal_margin
from iae.metrics.correlation import plcc, srcc
from iae.metrics.distribution import emd, level_mean, level_std, normal_cdf, softmax

__all__ = [
    "INTERVAL_COVERAGE",
    "Calibration",
    "Interval",
    "MethodComparison",
    "accuracy",
    "bootstrap",
    "calibrated_ece",
    "compare_methods",
    "conformal_margin",
    "confusion_matrix",
    "emd",
    "expected_calibration_error",
    "f1_per_class",
    "level_mean",
    "level_std",
    "macro_f1",
    "normal_cdf",
    "plcc",
    "softmax",
    "srcc",
]
