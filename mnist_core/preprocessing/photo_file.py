"""Opens a picture file safely: its header is checked before a pixel is decoded."""

from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

from mnist_core.language.messages import message
from mnist_core.preprocessing.preprocess import DrawingError

MAX_PIXELS = 40_000_000
IMAGE_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
ENDINGS = ("png", "jpg", "jpeg", "jfif", "webp", "bmp", "gif", "tif", "tiff", "heic", "heif")
_HEIC_BRANDS = ("heic", "heix", "hevc", "heif", "mif1")  # bytes 8 to 11 of such a file


def open_image(file: BinaryIO) -> Image.Image:
    """Decode an uploaded picture; DrawingError, which says what is wrong, if it cannot be read.

    The size in its header is checked before a pixel is decoded.
    """
    try:
        image = Image.open(file, formats=(*IMAGE_FORMATS, *_heic(file)))
        if image.width * image.height > MAX_PIXELS:
            raise DrawingError(
                message(
                    "The picture has {width:,} × {height:,} pixels. At most {limit:,} pixels in all are read: "
                    "make it smaller.",
                    width=image.width,
                    height=image.height,
                    limit=MAX_PIXELS,
                )
            )
        image.load()
        return image
    except Image.DecompressionBombError as error:
        raise DrawingError(
            message(
                "The picture is huge. At most {limit:,} pixels in all are read: make it smaller.",
                limit=MAX_PIXELS,
            )
        ) from error
    except UnidentifiedImageError as error:
        known = ", ".join(IMAGE_FORMATS)
        raise DrawingError(
            message("This is not a picture that can be read ({formats}).", formats=known)
        ) from error
    except DrawingError:
        raise
    except Exception as error:  # a damaged file can raise nearly anything
        raise DrawingError(message("The picture is damaged or cut off: save it again and retry.")) from error


def _heic(file: BinaryIO) -> tuple[str, ...]:
    """The format of iPhone photos, if the file is one; DrawingError if the library for it is missing."""
    begin = file.read(12)
    file.seek(0)
    if begin[4:8] != b"ftyp" or begin[8:12].decode("latin-1") not in _HEIC_BRANDS:
        return ()
    try:
        import pillow_heif  # optional: few have such files
    except ImportError as error:
        raise DrawingError(
            message(
                "HEIC pictures need a library that is not installed here: pip install pillow-heif, or save the "
                "picture as JPEG."
            )
        ) from error
    pillow_heif.register_heif_opener()
    return ("HEIF",)
