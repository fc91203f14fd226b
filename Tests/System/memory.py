"""Reads and writes the memory of another process, to do what a flipped bit does."""

import ctypes
import os
import re
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)

# A region that is read at once.
BLOCK = 1 << 24


class Span(ctypes.Structure):
    """struct iovec."""

    _fields_ = [("start", ctypes.c_void_p), ("length", ctypes.c_size_t)]


def move(call, pid, address, buffer, length):
    """process_vm_readv or process_vm_writev of one stretch; returns the bytes moved, -1 where there is no such memory."""
    here = Span(ctypes.cast(buffer, ctypes.c_void_p), length)
    there = Span(address, length)
    moved = call(pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0)
    if moved < 0 and ctypes.get_errno() == 1:
        raise PermissionError(f"process {pid} may not be read")
    return moved


def read(pid, address, length):
    """The bytes at an address; fewer where the memory ends."""
    buffer = ctypes.create_string_buffer(length)
    moved = move(LIBC.process_vm_readv, pid, address, buffer, length)
    return buffer.raw[: max(moved, 0)]


def write(pid, address, data):
    """Writes bytes at an address."""
    moved = move(LIBC.process_vm_writev, pid, address, ctypes.create_string_buffer(data, len(data)), len(data))
    if moved != len(data):
        raise OSError(f"{moved} of {len(data)} bytes written at {address:#x} of process {pid}")


def regions(pid):
    """The writable regions of a process."""
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        match = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
        if match and "[stack]" not in line:
            yield int(match[1], 16), int(match[2], 16)


def find(pid, wanted):
    """The addresses of all places that hold those bytes."""
    places = []
    for start, end in regions(pid):
        at, keep = start, b""
        while at < end:
            data = read(pid, at, min(BLOCK, end - at))
            if not data:
                break
            text, base = keep + data, at - len(keep)
            found = text.find(wanted)
            while found >= 0:
                places.append(base + found)
                found = text.find(wanted, found + 1)
            keep = text[-(len(wanted) - 1):]
            at += len(data)
    return sorted(set(places))


def flip(pid, address, bit=3):
    """Flips one bit."""
    write(pid, address, bytes([read(pid, address, 1)[0] ^ 1 << bit]))


def is_stopped(pid):
    """Whether every thread of a process is stopped."""
    threads = os.listdir(f"/proc/{pid}/task")
    return all(
        Path(f"/proc/{pid}/task/{thread}/stat").read_text().rsplit(")", 1)[1].split()[0] in "Tt" for thread in threads)
