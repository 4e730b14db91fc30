"""What ends an engine on Windows besides the end of its stdin."""

from __future__ import annotations

import sys

# The installer signals it before it replaces or removes the program; installers/windows/exshot.iss
# has the same name. It is one per logged-in user.
END_EVENT = "Local\\ExShotEngineEnd"


def wait_for_end(parent: int) -> str:
    """Wait until the process ``parent`` is gone or the installer asks engines to end.

    Returns why, for the log. On other systems it returns at once. What cannot be watched is not:
    with neither it never returns, and the end of stdin must do.
    """
    if sys.platform != "win32":
        return "this is no Windows"
    import ctypes
    from ctypes import wintypes

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.CreateEventW.restype = kernel.OpenProcess.restype = wintypes.HANDLE
    kernel.CreateEventW.argtypes = (
        *(wintypes.LPVOID, wintypes.BOOL, wintypes.BOOL, wintypes.LPCWSTR),
    )
    kernel.OpenProcess.argtypes = (wintypes.DWORD, wintypes.BOOL, wintypes.DWORD)
    kernel.WaitForMultipleObjects.argtypes = (
        *(wintypes.DWORD, ctypes.POINTER(wintypes.HANDLE), wintypes.BOOL, wintypes.DWORD),
    )
    synchronize, manual_reset, forever, no_such_process = 0x00100000, True, 0xFFFFFFFF, 87

    reasons = {}
    event = kernel.CreateEventW(None, manual_reset, False, END_EVENT)
    if event:
        reasons[event] = "the installer asks for it"
    process = kernel.OpenProcess(synchronize, False, parent)
    if process:
        reasons[process] = "the parent process is gone"
    elif ctypes.get_last_error() == no_such_process:
        return "the parent process is gone"
    handles = (wintypes.HANDLE * len(reasons))(*reasons)
    first = kernel.WaitForMultipleObjects(len(reasons), handles, False, forever)
    return list(reasons.values())[first] if first < len(reasons) else "waiting failed"
