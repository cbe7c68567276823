"""Pictures as they come from cameras and from who means harm, drawn anew."""

import io
import os
import subprocess
import sys

import pytest
from PIL import Image, ImageChops, ImageCms, ImageStat
from PIL.PngImagePlugin import PngInfo

from madoguchi.infra import pictures
from madoguchi.infra.pictures import MOST_SIDE, NoPicture, TooManyDots, preview, redrawn
from madoguchi.kernel.pictures import kind_of, size_of
from madoguchi.kernel.tests.test_pictures import gif as gif_head
from madoguchi.kernel.tests.test_pictures import png as png_head

GPS, ORIENTATION, MAKER = 0x8825, 0x0112, 0x010F
WHO = "MadoCamera"
# Red above, blue below.
UPRIGHT = Image.new("RGB", (60, 40), "red")
UPRIGHT.paste("blue", (0, 20, 60, 40))


def taken(orientation: int = 1) -> Image.Exif:
    """What a camera writes beside a picture: where, with what, and which side is up."""
    exif = Image.Exif()
    exif[MAKER], exif[ORIENTATION] = WHO, orientation
    exif.get_ifd(GPS).update({1: "N", 2: (35.0, 40.0, 51.0), 3: "E", 4: (139.0, 45.0, 3.0)})
    return exif


def written(image: Image.Image, kind: str, **told: object) -> bytes:
    made = io.BytesIO()
    image.save(made, kind, **told)
    return made.getvalue()


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def differing(one: Image.Image, other: Image.Image) -> float:
    """By how much the dots of two pictures differ, of 255."""
    return max(ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB"))).mean)


def moving(kind: str, size: tuple[int, int] = (20, 10), **told: object) -> bytes:
    first, *more = [Image.new("RGB", size, colour) for colour in ("red", "green", "blue")]
    return written(first, kind, save_all=True, append_images=more, duration=120, loop=3, **told)


def noted() -> PngInfo:
    noted = PngInfo()
    noted.add_text("Author", WHO)
    noted.add_itxt("XML:com.adobe.xmp", f"<x>{WHO}</x>")
    return noted


TAKEN = {
    "JPEG": written(UPRIGHT, "JPEG", exif=taken(), comment=WHO.encode(), xmp=WHO.encode()) + WHO.encode(),
    "PNG": written(UPRIGHT, "PNG", exif=taken(), pnginfo=noted()) + WHO.encode(),
    "WEBP": written(UPRIGHT, "WEBP", exif=taken(), xmp=WHO.encode()),
    "GIF": written(UPRIGHT, "GIF", comment=WHO.encode()) + WHO.encode(),
    "moving WEBP": moving("WEBP", exif=taken(), xmp=WHO.encode()),
    "moving GIF": moving("GIF", comment=WHO.encode()),
}


@pytest.mark.parametrize("which", TAKEN)
def test_where_and_with_what_it_was_taken_is_gone_and_the_picture_is_the_same(which: str) -> None:
    content = TAKEN[which]
    assert WHO.encode() in content
    if "GIF" not in which:
        assert opened(content).getexif().get_ifd(GPS)[1] == "N"

    drawn = redrawn(content)

    found = opened(drawn)
    assert (kind_of(drawn), found.size) == (kind_of(content), opened(content).size)
    assert WHO.encode() not in drawn
    assert not dict(found.getexif())
    assert not {"exif", "xmp", "comment", "Author", "icc_profile"} & set(found.info)
    assert differing(found, opened(content)) < 5


@pytest.mark.parametrize("which", ["PNG", "GIF", "moving GIF", "moving WEBP"])
def test_what_was_drawn_before_stays_as_it_is(which: str) -> None:
    once = redrawn(TAKEN[which])
    assert redrawn(once) == once


def test_a_photograph_loses_next_to_nothing_however_often_it_is_drawn() -> None:
    rough = Image.effect_noise((64, 64), 40).convert("RGB")
    first = drawn = redrawn(written(rough, "JPEG", quality=80, exif=taken()))
    for _ in range(5):
        drawn = redrawn(drawn)
    assert differing(opened(first), opened(drawn)) < 2
    assert len(drawn) == pytest.approx(len(first), rel=0.05)


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_what_moves_goes_on_moving(kind: str) -> None:
    found = opened(redrawn(moving(kind)))
    assert (found.n_frames, found.info["loop"], found.info["duration"]) == (3, 3, 120)
    found.seek(2)
    assert found.convert("RGB").getpixel((0, 0)) == pytest.approx((0, 0, 255), abs=9)


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_what_moves_and_is_too_large_is_refused(kind: str) -> None:
    with pytest.raises(TooManyDots):
        redrawn(moving(kind, (MOST_SIDE + 1, 1)))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_what_lay_on_its_side_stands(kind: str) -> None:
    lying = written(UPRIGHT.transpose(Image.Transpose.ROTATE_90), kind, exif=taken(orientation=6))
    assert opened(lying).size == (40, 60)

    found = opened(redrawn(lying)).convert("RGB")

    assert found.size == (60, 40)
    assert found.getpixel((30, 5)) == pytest.approx((255, 0, 0), abs=12)
    assert found.getpixel((30, 35)) == pytest.approx((0, 0, 255), abs=12)


@pytest.mark.parametrize(
    ("kind", "mode", "size", "kept"),
    [
        ("JPEG", "RGB", (4000, 1000), (2560, 640)),
        ("PNG", "P", (10, 5120), (5, 2560)),
        ("PNG", "RGBA", (2560, 8), (2560, 8)),
        ("PNG", "LA", (2561, 1), (2560, 1)),
        ("GIF", "P", (2600, 8), (2560, 8)),
        ("WEBP", "RGB", (8, 3000), (7, 2560)),
    ],
)
def test_a_side_is_so_long_at_most(
    kind: str, mode: str, size: tuple[int, int], kept: tuple[int, int]
) -> None:
    drawn = redrawn(written(Image.new(mode, size), kind))
    assert size_of(drawn) == kept
    assert opened(drawn).size == kept


@pytest.mark.parametrize("size", [(40, 30), (2600, 4)])
def test_what_is_seen_through_stays_so(size: tuple[int, int]) -> None:
    clear = Image.new("RGBA", size, (255, 0, 0, 0))
    for content in (written(clear, "PNG"), written(clear.convert("P"), "PNG", transparency=0)):
        assert opened(redrawn(content)).convert("RGBA").getpixel((0, 0))[3] == 0


def test_colours_of_print_and_of_a_device_become_those_that_everything_shows() -> None:
    print_colours = written(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG")
    common = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    told = [written(UPRIGHT, "PNG", icc_profile=common), written(UPRIGHT, "JPEG", icc_profile=b"x")]
    for content in (print_colours, *told):
        found = opened(redrawn(content))
        assert (found.mode, "icc_profile" in found.info) == ("RGB", False)
        assert found.getpixel((2, 2)) == pytest.approx((255, 0, 0), abs=12)


@pytest.mark.parametrize(
    "content", [png_head(20_000, 20_000), gif_head(65_535, 65_535), png_head(8_000, 5_001)]
)
def test_a_bomb_is_refused_before_it_unfolds(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "open", lambda *_a, **_k: pytest.fail("it was opened"))
    for draw in (redrawn, lambda one: preview(one, side=100, most=1000)):
        with pytest.raises(TooManyDots):
            draw(content)


def test_a_bomb_that_its_head_does_not_tell_of_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A frame of a GIF that is larger than the whole."""
    monkeypatch.setattr(pictures, "MOST_DOTS", 100)
    small, large = written(Image.new("P", (5, 5)), "GIF"), written(Image.new("P", (50, 50)), "GIF")
    with pytest.raises(TooManyDots):
        redrawn(small[:6] + small[6:10] + large[10:])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.7",
        b"<svg>",
        png_head(4, 4),
        TAKEN["PNG"][:90],
        TAKEN["JPEG"][:-300],
        b"\xff\xd8\xff" + bytes(99),
    ],
)
def test_what_cannot_be_drawn_is_no_picture(content: bytes) -> None:
    with pytest.raises(NoPicture):
        redrawn(content)


def test_a_preview_is_small_upright_and_tells_nothing() -> None:
    noise = Image.frombytes("RGB", (900, 600), os.urandom(900 * 600 * 3))
    content = written(noise, "JPEG", quality=98, exif=taken(orientation=6))
    made = preview(content, side=300, most=20_000)
    assert len(content) > 20 * len(made)
    assert (kind_of(made), size_of(made), len(made) <= 20_000) == ("image/jpeg", (200, 300), True)
    assert WHO.encode() not in made
    with pytest.raises(NoPicture):
        preview(content, side=300, most=10)


def test_a_preview_of_what_is_seen_through_lies_on_white() -> None:
    clear = written(Image.new("RGBA", (9, 9), (255, 0, 0, 0)), "PNG")
    assert opened(preview(clear, side=100, most=9_000)).getpixel((4, 4)) == (255, 255, 255)


def test_a_process_that_draws_nothing_has_not_loaded_what_draws() -> None:
    asks = "import sys, madoguchi.infra.pictures; print('PIL' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True)
    assert said.stdout == "False\n"
