"""held_files.py PROGRAM PHOTO FOLDER: files that another program holds, or that are read-only.

Works with the sources; PROGRAM is the installed command. Prints one JSON record.
"""

import ctypes
import json
import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from ctypes import wintypes
from pathlib import Path

sys.path.insert(0, r"Z:\exshot\core")

from exshot.errors import ExshotError
from exshot.image.files import write_atomically
from exshot.image.leftovers import open_temporary, remove_leftovers
from exshot.photo import Photo
from exshot_contract.replacing import write_whole

program, photo, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
READ, WRITE, OPEN_EXISTING = 0x80000000, 0x40000000, 3
NOTHING, READING = 0, 1  # what the holder lets others do meanwhile
READ_ONLY, OFFLINE, ON_ACCESS = 0x1, 0x1000, 0x400000  # the last two mark OneDrive's placeholders

kernel = ctypes.WinDLL("kernel32", use_last_error=True)
kernel.CreateFileW.restype = wintypes.HANDLE
kernel.CreateFileW.argtypes = (
    *(wintypes.LPCWSTR, wintypes.DWORD, wintypes.DWORD, wintypes.LPVOID),
    *(wintypes.DWORD, wintypes.DWORD, wintypes.HANDLE),
)
kernel.CloseHandle.argtypes = (wintypes.HANDLE,)


def opened(path, shared, access=READ):
    handle = kernel.CreateFileW(str(path), access, shared, None, OPEN_EXISTING, 0, None)
    assert handle != wintypes.HANDLE(-1).value, ctypes.get_last_error()
    return handle


@contextmanager
def held(path, shared=READING, access=READ, seconds=None):
    """Another program has the file open: until the end of the block, or for some seconds."""
    handle = opened(path, shared, access)
    if seconds is not None:
        threading.Timer(seconds, kernel.CloseHandle, (handle,)).start()
    try:
        yield
    finally:
        if seconds is None:
            kernel.CloseHandle(handle)


def told(action, *words, **options):
    try:
        action(*words, **options)
    except ExshotError as error:
        return f"{error.code.value}: {error.sentence}"
    except OSError as error:
        return type(error).__name__
    return "done"


def marked(path, attributes):
    """Set a file's attributes; what is left of them (Wine keeps few)."""
    assert kernel.SetFileAttributesW(str(path), attributes)
    return kernel.GetFileAttributesW(str(path))


record = {}
target = folder / "out.png"
target.write_bytes(b"old")
with held(target, seconds=0.4):
    record["held for a moment"] = told(write_atomically, target, b"new", overwrite=True)
record["then"] = target.read_bytes().decode()
with held(target):
    record["held on"] = told(write_atomically, target, b"newer", overwrite=True)
record["still"] = target.read_bytes().decode()

marked(target, READ_ONLY | OFFLINE | ON_ACCESS)
record["read-only"] = told(write_atomically, target, b"newer", overwrite=True)
record["unchanged"] = target.read_bytes().decode()
done = subprocess.run(
    [program, "edit", str(photo), str(photo), "--out", str(target), "--overwrite"],
    capture_output=True,
    check=False,
)
record["command"] = [done.returncode, done.stderr.decode("utf-8", "replace")]
record["unchanged by the command"] = target.read_bytes().decode("latin-1")
marked(target, 0x80)

attributes = marked(photo, READ_ONLY | OFFLINE | ON_ACCESS)
record["placeholder"] = [bool(attributes & READ_ONLY), Photo.open(photo).width]
beside = folder / "beside.png"
record["beside a placeholder"] = told(write_atomically, beside, b"new", overwrite=False)
marked(photo, 0x80)
with held(photo):
    record["photo that another program shows"] = Photo.open(photo).width
with held(photo, NOTHING, READ | WRITE):
    record["photo that another program writes"] = told(Photo.open, photo)

settings = folder / "settings.json"
settings.write_bytes(b"{}")
with held(settings, seconds=0.4):
    record["settings"] = told(write_whole, settings, b'{"kept": true}')
record["settings then"] = settings.read_text("utf-8")

living, descriptor = open_temporary(folder)
(folder / ".exshot-0123456789abcdef.tmp").touch()
record["leftovers"] = [remove_leftovers([folder]), living.exists()]
os.close(descriptor)
living.unlink()
record["files"] = sorted(path.name for path in folder.iterdir())
print(json.dumps(record))
