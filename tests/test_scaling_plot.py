"""The plot in the documentation is small, and alike for a like course."""

from pathlib import Path

from .cluster.draw import draw

FILE = Path(__file__).parents[1] / "docs/scaling.svg"
MOMENT = {"seconds": 0.0, "clients": 4, "held": None, "wanted": 1, "serving": 1, "answered": 5}
COURSE = {
    "speed": 15,
    "target": 8,
    "moments": [MOMENT, {**MOMENT, "seconds": 15.0, "held": 4.0, "serving": 2, "answered": 30}],
}


def test_the_same_course_gives_the_same_picture(tmp_path: Path) -> None:
    for name in ("one", "two"):
        draw(COURSE, tmp_path / f"{name}.svg")
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()
    assert "answers a second" in (tmp_path / "one.svg").read_text()


def test_the_picture_of_the_documentation_is_small_and_names_what_it_shows() -> None:
    text = FILE.read_text()
    assert len(text) < 100_000
    for words in (
        "the ScaledObject's query: waiting + running",
        "pods (8 requests each)",
        "15 times as fast",
    ):
        assert words in text
