import gzip
import io
import shutil
from pathlib import Path

import numpy as np
import pytest

from mnist_core.data import sources, standin
from mnist_core.data.mnist import _SHAPES, IDX_FILES, DataError, _header, read_folder


@pytest.fixture
def idx(mnist, tmp_path: Path) -> Path:
    """A folder with the four real IDX files, to be damaged."""
    folder = tmp_path / "idx"
    folder.mkdir()
    arrays = [*mnist.train, *mnist.test]
    for name, file, array in zip(_SHAPES, IDX_FILES, arrays):
        (folder / file).write_bytes(_header(name) + array.tobytes())
    return folder


@pytest.fixture
def npz(mnist, tmp_path: Path) -> Path:
    folder = tmp_path / "npz"
    folder.mkdir()
    np.savez(
        folder / "mnist.npz",
        **dict(zip(("x_train", "y_train", "x_test", "y_test"), [*mnist.train, *mnist.test])),
    )
    return folder


def test_mnist_has_its_shapes_and_cannot_be_written(mnist):
    train, test = mnist
    assert train.images.shape == (60_000, 28, 28) and test.images.shape == (10_000, 28, 28)
    assert train.images.dtype == train.labels.dtype == test.labels.dtype == np.uint8
    assert np.bincount(train.labels).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    with pytest.raises(ValueError, match="read-only"):
        train.images[0, 0, 0] = 1


def test_idx_files_are_read_gzipped_or_not_and_as_npz(mnist, idx, npz):
    path = idx / IDX_FILES[0]
    with gzip.open(f"{path}.gz", "wb", compresslevel=1) as file:
        file.write(path.read_bytes())
    path.unlink()
    for folder in (idx, npz):
        train, test = read_folder(folder)
        assert np.array_equal(train.images, mnist.train.images)
        assert np.array_equal(test.labels, mnist.test.labels)


@pytest.mark.parametrize(
    "place",
    [
        "{dotted}",
        "archive/{plain}/{plain}",
        "archive/{dotted}/{dotted}",
        "MNIST/raw/{plain}",
        "a/b/{plain}.gz",
    ],
)
def test_mnist_is_found_under_the_names_that_other_sites_use(mnist, idx, tmp_path, place):
    for file in IDX_FILES:
        path = tmp_path / "elsewhere" / place.format(plain=file, dotted=file.replace("-idx", ".idx"))
        path.parent.mkdir(parents=True, exist_ok=True)
        content = (idx / file).read_bytes()
        path.write_bytes(gzip.compress(content, 1) if path.suffix == ".gz" else content)
    train, _ = read_folder(tmp_path / "elsewhere")
    assert np.array_equal(train.images, mnist.train.images)


def test_of_two_files_with_the_same_name_the_checksum_decides(mnist, idx, npz, tmp_path):
    for place, source in (("a", idx), ("b", idx), ("unfinished-1", idx)):
        shutil.copytree(source, tmp_path / "both" / place)
    for file in IDX_FILES:
        content = (idx / file).read_bytes()
        (tmp_path / "both" / "a" / file).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    _, test = read_folder(tmp_path / "both")
    assert np.array_equal(test.labels, mnist.test.labels)
    shutil.rmtree(tmp_path / "both" / "b")
    with pytest.raises(DataError, match="MD5"):
        read_folder(tmp_path / "both")


def test_the_folder_named_by_the_user_comes_before_downloads_and_kerass_cache(
    home, idx, npz, monkeypatch, tmp_path
):
    shutil.copytree(npz, tmp_path / "keras" / "datasets")
    assert sources.load().source == str(tmp_path / "keras" / "datasets")
    shutil.copytree(idx, home / "downloads")
    assert sources.load().source == str(home / "downloads")
    monkeypatch.setenv("MNIST_DIR", str(npz))
    assert sources.load().source == str(npz) and sources.load().is_mnist


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda b: b[:-100], "47,039,916 bytes where 47,040,016 were expected"),
        (lambda b: b + b"x", "more than the expected 47,040,016 bytes"),
        (lambda b: b[:5000] + b"\xff" + b[5001:], "MD5"),
        (lambda b: b"", "0 bytes where 47,040,016"),
    ],
)
def test_a_spoilt_file_is_named_and_not_used(home, idx, monkeypatch, spoil, message):
    path = idx / IDX_FILES[0]
    path.write_bytes(spoil(path.read_bytes()))
    monkeypatch.setenv("MNIST_DIR", str(idx))
    dataset = sources.load()
    assert not dataset.is_mnist
    assert str(path) in str(dataset.problems[0]) and message in str(dataset.problems[0])


def test_a_truncated_gzip_file_is_damaged(home, idx, monkeypatch):
    path = idx / IDX_FILES[2]
    packed = gzip.compress(path.read_bytes(), 1)
    path.unlink()
    (idx / f"{IDX_FILES[2]}.gz").write_bytes(packed[: len(packed) // 2])
    monkeypatch.setenv("MNIST_DIR", str(idx))
    assert "damaged or cut off" in str(sources.load().problems[0])


@pytest.mark.parametrize("seed", range(4))
def test_a_gzip_file_with_flipped_bytes_is_refused_in_words(tmp_path, seed):
    rng = np.random.default_rng(seed)
    packed = bytearray(gzip.compress(rng.integers(0, 9, 60_008, np.uint8).tobytes(), 9))
    for place in rng.integers(20, len(packed), 3):
        packed[place] ^= 0xFF
    for file in IDX_FILES:
        (tmp_path / f"{file}.gz").write_bytes(packed)
    with pytest.raises(DataError, match=r"was expected|were expected|the expected|damaged|MD5"):
        read_folder(tmp_path)


def npz_bytes(**arrays) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"not a zip", "damaged or cut off"),
        (npz_bytes(x_train=np.zeros(3)), "lacks an array"),
        (npz_bytes(x_train=np.zeros(70_000_000, np.uint8)), "unpacks to more than"),
        (
            npz_bytes(**{k: np.zeros((2, 2)) for k in ("x_train", "y_train", "x_test", "y_test")}),
            "shape (2, 2)",
        ),
        (npz_bytes(**{k: np.array([{}]) for k in ("x_train", "y_train", "x_test", "y_test")}), "allow_pickle"),
    ],
)
def test_an_npz_that_is_not_mnist_is_named_and_never_unpickled(home, tmp_path, monkeypatch, content, message):
    (tmp_path / "mnist.npz").write_bytes(content)
    monkeypatch.setenv("MNIST_DIR", str(tmp_path))
    dataset = sources.load()
    assert str(tmp_path / "mnist.npz") in str(dataset.problems[0]) and message in str(dataset.problems[0])
    assert not dataset.is_mnist


def test_a_named_folder_without_mnist_is_a_problem_with_a_name(home, tmp_path, monkeypatch):
    monkeypatch.setenv("MNIST_DIR", str(tmp_path / "nowhere"))
    assert "neither mnist.npz nor train-images-idx3-ubyte" in str(sources.load().problems[0])


def test_without_any_source_there_is_the_stand_in_set_and_it_says_so(home):
    dataset = sources.load()
    assert not dataset.is_mnist and dataset.source == "stand-in"
    assert len(dataset.train.labels) == 1200 and len(dataset.test.labels) == 300


def test_a_damaged_stand_in_cache_is_drawn_anew(home):
    (home / "stand-in.npz").write_bytes(b"damaged")
    first = sources.load()
    assert first.train.images.shape == (10_000, 28, 28) and first.test.images.shape == (2_000, 28, 28)
    assert np.array_equal(sources.load().train.images, first.train.images)


def test_the_stand_in_digits_are_the_same_for_a_seed_and_look_like_digits():
    images, labels = standin.draw(600, seed=3)
    again, _ = standin.draw(600, seed=3)
    other, _ = standin.draw(600, seed=4)
    assert np.array_equal(images, again) and not np.array_equal(images, other)
    assert np.bincount(labels).tolist() == [60] * 10
    assert images.dtype == np.uint8 and images.max() == 255
    assert images[:, :2].max() < 60, "the ink stays inside the box"
    rows = (images.sum(2) * np.arange(28)).sum(1) / images.sum((1, 2))
    assert abs(rows.mean() - 14) < 0.5 and rows.std() < 1.5
    # Images of the same digit are similar: the nearest other image usually has the same label.
    flat = images.reshape(600, -1).astype(np.float32)
    distance = (flat**2).sum(1)[None] - 2 * flat @ flat.T
    np.fill_diagonal(distance, np.inf)
    assert (labels[distance.argmin(1)] == labels).mean() > 0.8
