"""Pictures drawn anew: upright, no larger than a page shows, and without what a camera wrote beside them.

Pillow is loaded by the first picture and not before: a process that draws none is no larger for it.
"""

import io
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from madoguchi.kernel.pictures import MOST_DOTS, kind_of, size_of
from madoguchi.kernel.remarks import without_remarks

if TYPE_CHECKING:
    from PIL import Image

MOST_SIDE: Final = 2560
_FORMATS: Final = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}
_BROKEN: Final = (
    *(OSError, SyntaxError, ValueError, TypeError, EOFError, LookupError, ArithmeticError),
    *(struct.error, zlib.error),
)
_WITH_ALPHA: Final = frozenset({"RGBA", "LA", "PA"})
# One unfolded picture can take 160 MB; two at once have no need to.
_one_at_a_time = threading.Lock()


class NoPicture(Exception):
    """These bytes are no picture that can be drawn."""


class TooManyDots(NoPicture):
    """It would unfold beyond measure, or moves and is larger than may be kept."""


def redrawn(content: bytes) -> bytes:
    """The same picture of the same kind: upright, a side at most MOST_SIDE, and nothing in it but what is seen.

    A GIF, and a WebP that moves, go on moving as they did; one that is too large to stay as it is, is refused. Of a PNG
    that moves the first picture stays. Raises NoPicture, or TooManyDots.
    """
    with _opened(content) as image:
        moves = getattr(image, "is_animated", False) and image.format in ("GIF", "WEBP")
        fits = max(image.size) <= MOST_SIDE
        if moves and not fits:
            raise TooManyDots(image.size)
        if moves or (image.format == "GIF" and fits):
            image.load()
            return without_remarks(content)
        return _encoded(image, _FORMATS[kind_of(content)])


def preview(content: bytes, *, side: int, most: int) -> bytes:
    """A small JPEG of it for who is to choose whether to see it, of at most so many bytes. Raises NoPicture."""
    with _opened(content) as image:
        image.draft("RGB", (side, side))
        small = _upright(image, side)
        plain = _on_white(small)
        for quality in (85, 60, 30):
            made = _saved(plain, "JPEG", quality=quality)
            if len(made) <= most:
                return made
    raise TooManyDots(len(content))


@contextmanager
def _opened(content: bytes) -> Iterator["Image.Image"]:
    """The picture, not unfolded yet. What goes wrong while it is drawn is NoPicture too."""
    from PIL import GifImagePlugin, Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin  # noqa: F401

    kind = kind_of(content)
    width, height = size_of(content) or (0, 0)
    if kind not in _FORMATS or not width * height:
        raise NoPicture(kind)
    if width * height > MOST_DOTS:
        raise TooManyDots(width, height)
    with _one_at_a_time:
        # Pillow warns above this and raises above twice as much: parts of a file may say more than its head.
        Image.MAX_IMAGE_PIXELS = MOST_DOTS
        try:
            with Image.open(io.BytesIO(content), formats=[_FORMATS[kind]]) as image:
                if image.width * image.height > MOST_DOTS:
                    raise TooManyDots(*image.size)
                yield image
        except Image.DecompressionBombError as error:
            raise TooManyDots(width, height) from error
        except _BROKEN as error:
            raise NoPicture(str(error)) from error


def _encoded(image: "Image.Image", kind: str) -> bytes:
    upright = _upright(image, MOST_SIDE)
    if kind == "JPEG":
        if upright is image and image.format == "JPEG":
            # As it is: what was drawn before is drawn the same again.
            return _saved(image, "JPEG", quality="keep")
        return _saved(_on_white(upright), "JPEG", quality=90)
    if kind == "WEBP":
        return _saved(upright, "WEBP", quality=90)
    return _saved(upright, kind)


def _upright(image: "Image.Image", side: int) -> "Image.Image":
    """The picture as it is to be seen, in the colours that everything shows; itself where there is nothing to do."""
    from PIL import Image, ImageOps

    image.load()
    turned = image.getexif().get(0x0112, 1) not in (0, 1)
    upright = ImageOps.exif_transpose(image) if turned else image
    upright = _in_common_colours(upright, image.info.get("icc_profile"))
    if max(upright.size) > side:
        if upright.mode not in ("RGB", "RGBA", "L"):
            upright = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
        ratio = side / max(upright.size)
        size = (max(1, round(upright.width * ratio)), max(1, round(upright.height * ratio)))
        upright = upright.resize(size, Image.Resampling.LANCZOS)
    upright.info = {name: upright.info[name] for name in ("transparency",) if name in upright.info}
    return upright


def _in_common_colours(image: "Image.Image", profile: bytes | None) -> "Image.Image":
    """In sRGB, so that it needs no profile of colours, which tells of the device."""
    from PIL import Image, ImageCms

    if profile and image.mode in ("RGB", "RGBA", "CMYK"):
        try:
            own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if image.mode != "CMYK" and "sRGB" in ImageCms.getProfileDescription(own):
                return image
            mode = "RGB" if image.mode == "CMYK" else image.mode
            found = ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"), outputMode=mode)
            if isinstance(found, Image.Image):
                return found
        except (ImageCms.PyCMSError, OSError):
            pass
    return image.convert("RGB") if image.mode == "CMYK" else image


def _on_white(image: "Image.Image") -> "Image.Image":
    from PIL import Image

    if image.mode in ("RGB", "L"):
        return image
    if image.mode not in _WITH_ALPHA and not image.has_transparency_data:
        return image.convert("RGB")
    clear = image.convert("RGBA")
    white = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(white, clear).convert("RGB")


def _saved(image: "Image.Image", kind: str, **told: object) -> bytes:
    written = io.BytesIO()
    image.save(written, kind, **told)
    return written.getvalue()
