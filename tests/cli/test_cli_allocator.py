"""What a server keeps of the memory that it has freed: counted in arenas and blocks of the allocator."""

import ctypes
import json
from pathlib import Path

import pytest
from server_process import ServerProcess

from recsys.cli.allocator import keep_little_free_memory

_REPORT = """
import ctypes, json, re, sys, threading
from recsys.web import server

libc = ctypes.CDLL(None)
libc.malloc.restype = libc.open_memstream.restype = ctypes.c_void_p
libc.malloc.argtypes, libc.free.argtypes = [ctypes.c_size_t], [ctypes.c_void_p]
libc.malloc_info.argtypes, libc.fclose.argtypes = [ctypes.c_int, ctypes.c_void_p], [ctypes.c_void_p]

class Mallinfo(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int) for name in "arena ordblks smblks hblks hblkhd a b c d e".split()]

libc.mallinfo.restype = Mallinfo

def arenas():
    text, size = ctypes.c_char_p(), ctypes.c_size_t()
    stream = libc.open_memstream(ctypes.byref(text), ctypes.byref(size))
    libc.malloc_info(0, stream)
    libc.fclose(stream)
    return len(re.findall(b"<heap nr=", text.value))

def answer(*arguments, **options):
    run(*arguments, **options)
    met = threading.Barrier(13)
    def allocate():
        libc.malloc(5000)
        met.wait()
    for _ in range(12):
        threading.Thread(target=allocate).start()
    met.wait()
    libc.free(libc.malloc(16 << 20))
    before = libc.mallinfo().hblks
    libc.malloc(8 << 20)
    print(json.dumps({"arenas": arenas(), "mapped": libc.mallinfo().hblks - before}), file=sys.stderr)

run, server.run_server = server.run_server, answer
"""
"""After the server has ended, many threads allocate at once, and a large block is freed before the next one."""


def _has_glibc() -> bool:
    try:
        return hasattr(ctypes.CDLL(None), "malloc_info")
    except TypeError:  # Windows
        return False


@pytest.mark.skipif(not _has_glibc(), reason="the allocator is not that of glibc")
def test_threads_of_a_server_share_few_arenas_and_large_blocks_are_given_back(tmp_path: Path) -> None:
    with ServerProcess(tmp_path, setup=_REPORT) as server:
        pass
    [found] = [json.loads(line) for line in server.log.splitlines() if line.startswith("{")]
    assert found == {"arenas": 2, "mapped": 1}


def test_another_allocator_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    assert not keep_little_free_memory()
