import numpy as np

from scratch.data import lines


def test_the_lines_are_drawn_as_the_tutorial_draws_them():
    """Written once more, with NumPy's global generator and one image after the other."""
    state = np.random.get_state()  # noqa: NPY002 - the tutorial's own generator
    try:
        np.random.seed(0)  # noqa: NPY002
        images = []
        for number in range(240):
            image = np.random.randn(8, 8) * 0.1  # noqa: NPY002
            place = np.random.randint(1, 7)  # noqa: NPY002
            image[(slice(None), place) if number % 2 == 0 else (place, slice(None))] = 1.0
            images.append(image)
    finally:
        np.random.set_state(state)  # noqa: NPY002
    generator = np.random.RandomState(0)
    train, train_labels = lines(200, generator)
    test, test_labels = lines(40, generator)
    np.testing.assert_array_equal(np.concatenate([train, test])[:, 0], images, strict=True)
    assert train.shape == (200, 1, 8, 8)
    assert train.dtype == np.float64
    assert train_labels.dtype == np.int64
    assert [*train_labels, *test_labels] == [0, 1] * 120


def test_lines_stand_where_their_label_says():
    images, labels = lines(60, np.random.RandomState(3))
    for image, label in zip(images[:, 0], labels, strict=True):
        full = (image == 1.0).all(axis=label)
        assert full.sum() == 1
        assert not full[[0, 7]].any()
        assert np.abs(np.delete(image, full.argmax(), axis=1 - label)).max() < 0.6


def test_no_images():
    images, labels = lines(0, np.random.RandomState(0))
    assert (images.shape, labels.shape) == ((0, 1, 8, 8), (0,))
