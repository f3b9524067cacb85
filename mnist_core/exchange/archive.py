"""A zip archive from outside: only plain, stored members with known names are read, and nothing is unpacked.

Python's zipfile reads the table of contents; all that it says is checked against the file before a member's
bytes are read.
"""

import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from mnist_core.exchange.layout import MOST_BYTES, MOST_MEMBERS
from mnist_core.exchange.refusals import shown
from mnist_core.language.messages import Message, message

_END = struct.Struct("<4s4H2LH")  # the record at the end of an archive without a comment
_LOCAL = struct.Struct("<4s5H3L2H")  # the record before a member
_ENCRYPTED, _DESCRIPTOR, _UTF8 = 0x1, 0x8, 0x800


class Archive:
    """The members of an open zip `file` by name; `is_known` says which names may occur.

    ValueError if anything about the archive is unusual.
    """

    def __init__(self, file: BinaryIO, is_known: Callable[[str], bool]) -> None:
        self._file, self._size = file, file.seek(0, 2)
        self._check_end()
        try:
            listed = zipfile.ZipFile(file).infolist()
        except Exception as error:  # a damaged archive can raise nearly anything
            raise ValueError(damaged()) from error
        for info in listed:
            _check_member(info, is_known)
        self._members = {info.filename: info for info in listed}
        if len(listed) != self._number:
            raise ValueError(damaged())
        if len(self._members) < len(listed):
            names = [info.filename for info in listed]
            twice = next(name for name in names if names.count(name) > 1)
            raise ValueError(message("The archive holds {name} twice.", name=twice))
        self._starts = self._places(listed)

    @property
    def names(self) -> list[str]:
        """The members' names, in the order of the table of contents."""
        return list(self._members)

    def read(self, name: str, most: int = MOST_BYTES) -> bytes:
        """A member's bytes, `most` at most. ValueError if it is missing, larger or damaged."""
        if name not in self._members:
            raise ValueError(message("The archive lacks {name}.", name=name))
        info = self._members[name]
        if info.file_size > most:
            raise ValueError(too_large(name, info.file_size, most))
        self._file.seek(self._starts[name])
        content = self._file.read(info.file_size)
        if len(content) != info.file_size or zlib.crc32(content) != info.CRC:
            raise ValueError(message("{name} is damaged: its checksum does not match.", name=name))
        return content

    def _check_end(self) -> None:
        """ValueError if the file does not end as an archive does, or lists too many members."""
        self._file.seek(max(0, self._size - _END.size))
        end = self._file.read(_END.size)
        if len(end) < _END.size or not end.startswith(b"PK\5\6"):
            raise ValueError(damaged())
        _, _disk, _start, here, number, size, offset, _comment = _END.unpack(end)
        if here != number or offset + size + _END.size != self._size:
            raise ValueError(damaged())
        if number > MOST_MEMBERS:
            raise ValueError(
                message(
                    "The archive has {number:,} members; the limit is {limit:,}.",
                    number=number,
                    limit=MOST_MEMBERS,
                )
            )
        self._number, self._table = number, offset

    def _places(self, listed: list[zipfile.ZipInfo]) -> dict[str, int]:
        """Where each member's bytes begin. ValueError if members overlap, or their own records differ."""
        end, starts = 0, {}
        for info in sorted(listed, key=lambda info: info.header_offset):
            self._file.seek(info.header_offset)
            head = self._file.read(_LOCAL.size)
            if info.header_offset < end or len(head) < _LOCAL.size or not head.startswith(b"PK\3\4"):
                raise ValueError(damaged())
            _, _, flags, method, _, _, crc, _, size, name_length, extra_length = _LOCAL.unpack(head)
            name = self._file.read(name_length)
            is_late = flags & _DESCRIPTOR
            sizes_agree = size in (info.file_size, 0xFFFFFFFF)  # the latter with its size in an extra field
            if flags != info.flag_bits or method or name != info.orig_filename.encode():
                raise ValueError(damaged())
            if not is_late and (crc != info.CRC or not sizes_agree):
                raise ValueError(damaged())
            starts[info.filename] = info.header_offset + _LOCAL.size + name_length + extra_length
            end = starts[info.filename] + info.file_size
            if end > self._table:
                raise ValueError(damaged())
        return starts


def open_file(path: Path) -> BinaryIO:
    """The file, open for reading. ValueError if it is too large."""
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise ValueError(too_large(path.name, size, MOST_BYTES))
    return path.open("rb")


def damaged() -> Message:
    return message("The file is not a whole zip archive: it was damaged or cut off.")


def too_large(name: str, size: int, most: int) -> Message:
    return message(
        "{name} is too large: {size:,} bytes; the limit is {limit:,}.", name=shown(name), size=size, limit=most
    )


def surplus(name: str) -> Message:
    return message("The archive holds {name}, which does not belong in it.", name=shown(name))


def _check_member(info: zipfile.ZipInfo, is_known: Callable[[str], bool]) -> None:
    """ValueError if a member is not a plain stored file with a known name."""
    name = shown(info.orig_filename)
    is_link = stat.S_ISLNK(info.external_attr >> 16)
    if info.flag_bits & _ENCRYPTED:
        raise ValueError(message("{name} is encrypted.", name=name))
    if not info.orig_filename.isascii() or not is_known(info.orig_filename) or is_link:
        raise ValueError(surplus(name))
    if info.compress_type != zipfile.ZIP_STORED:
        raise ValueError(
            message("{name} is compressed in the archive: only uncompressed members are read.", name=name)
        )
    if info.compress_size != info.file_size or info.flag_bits & ~(_DESCRIPTOR | _UTF8):
        raise ValueError(damaged())
