import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics

from iae.metrics import accuracy, confusion_matrix, f1_per_class, macro_f1

CLASSES = 8
rows = st.lists(st.tuples(*[st.integers(0, CLASSES - 1)] * 2), min_size=1, max_size=60)


@given(rows)
def test_accuracy_agrees_with_scikit_learn(rows):
    predicted, labels = zip(*rows, strict=True)
    assert accuracy(predicted, labels) == sklearn_metrics.accuracy_score(labels, predicted)


@given(rows)
def test_the_confusion_matrix_agrees_with_scikit_learn(rows):
    predicted, labels = zip(*rows, strict=True)
    expected = sklearn_metrics.confusion_matrix(labels, predicted, labels=range(CLASSES))
    np.testing.assert_array_equal(confusion_matrix(predicted, labels, CLASSES), expected)


@given(rows)
def test_f1_per_class_agrees_with_scikit_learn(rows):
    predicted, labels = zip(*rows, strict=True)
    expected = sklearn_metrics.f1_score(
        labels, predicted, labels=range(CLASSES), average=None, zero_division=np.nan
    )
    found = f1_per_class(confusion_matrix(predicted, labels, CLASSES))
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@given(rows)
def test_macro_f1_agrees_with_scikit_learn_over_the_classes_that_occur(rows):
    predicted, labels = zip(*rows, strict=True)
    expected = sklearn_metrics.f1_score(labels, predicted, average="macro", zero_division=0)
    assert macro_f1(predicted, labels, CLASSES) == pytest.approx(expected)


def test_rows_of_the_confusion_matrix_are_labels():
    assert confusion_matrix([1, 1], [0, 1], 2).tolist() == [[0, 1], [0, 1]]


def test_a_class_that_nobody_named_has_no_f1():
    assert np.isnan(f1_per_class(confusion_matrix([0, 1], [0, 1], 3))).tolist() == [0, 0, 1]


def test_a_class_that_is_never_rightly_predicted_counts_as_zero():
    assert macro_f1([0, 0], [0, 1], 3) == pytest.approx((2 / 3 + 0) / 2)


def test_without_images_there_is_no_accuracy_and_no_f1():
    assert math.isnan(accuracy([], []))
    assert math.isnan(macro_f1([], [], 8))


def test_without_images_the_confusion_matrix_is_zero():
    assert confusion_matrix([], [], 3).tolist() == [[0] * 3] * 3
