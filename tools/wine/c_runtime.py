"""A ``ucrtbase.dll`` for Wine with C99's complex functions, which numpy needs and Wine lacks.

Everything else is forwarded to Wine's own library, of which a copy lies beside it under another
name. Both are put into a test's Wine prefix only; nothing of this is ever shipped.
"""

from __future__ import annotations

from collections.abc import Iterable

OWN_NAME = "ucrtwine"  # the copy of Wine's library
_BUILTIN_MARK = b"Wine builtin DLL"
_MARK_AT, _MARK_ROOM = 0x40, 32  # in the stub of the DOS header

_TO_REAL = ("cabs", "carg", "cimag", "creal")
_TO_COMPLEX = (
    *("cacos", "cacosh", "casin", "casinh", "catan", "catanh", "ccos", "ccosh", "cexp", "clog"),
    *("conj", "cproj", "csin", "csinh", "csqrt", "ctan", "ctanh"),
)
_OF_TWO = ("cpow",)

_HEAD = """\
#include <complex.h>
typedef struct { double re, im; } Double; /* how Microsoft's compiler passes a complex number */
typedef struct { float re, im; } Float;
#define IN(type, z) ({ type _Complex w; __real__ w = (z).re; __imag__ w = (z).im; w; })
#define OUT(Type, z) ({ __typeof__(z) w = (z); (Type){__real__ w, __imag__ w}; })
"""


def complex_names() -> list[str]:
    """The functions that are added, with their ``float`` and ``long double`` forms."""
    plain = (*_TO_REAL, *_TO_COMPLEX, *_OF_TWO)
    return [f"{name}{suffix}" for name in plain for suffix in ("", "f", "l")]


def c_source() -> str:
    """The added functions in C, each as ``exshot_NAME``; ``long double`` is ``double`` there."""
    lines = [_HEAD]
    for suffix, kind, struct, real in (
        ("", "", "Double", "double"),
        ("f", "f", "Float", "float"),
        ("l", "", "Double", "double"),
    ):
        one = f"{struct} x"
        lines += [
            f"{real} exshot_{name}{suffix}({one}) {{ return {name}{kind}(IN({real}, x)); }}"
            for name in _TO_REAL
        ]
        lines += [
            f"{struct} exshot_{name}{suffix}({one})"
            f" {{ return OUT({struct}, {name}{kind}(IN({real}, x))); }}"
            for name in _TO_COMPLEX
        ]
        lines += [
            f"{struct} exshot_{name}{suffix}({one}, {struct} y)"
            f" {{ return OUT({struct}, {name}{kind}(IN({real}, x), IN({real}, y))); }}"
            for name in _OF_TWO
        ]
    return "\n".join(lines) + "\n"


def definition(exports: Iterable[str]) -> str:
    """The linker's list of exports: ours where we have one, else Wine's."""
    own = complex_names()
    others = sorted(set(exports) - set(own))
    lines = ["LIBRARY ucrtbase.dll", "EXPORTS"]
    lines += [f'  "{name}" = exshot_{name}' for name in own]
    lines += [f'  "{name}" = {OWN_NAME}.{name}' for name in others]
    return "\n".join(lines) + "\n"


def unmarked(library: bytes) -> bytes:
    """Wine's library without the mark that binds it to its own name.

    Raises:
        ValueError: it has no such mark.
    """
    if library[_MARK_AT : _MARK_AT + len(_BUILTIN_MARK)] != _BUILTIN_MARK:
        raise ValueError("This is none of Wine's own libraries.")
    return library[:_MARK_AT] + bytes(_MARK_ROOM) + library[_MARK_AT + _MARK_ROOM :]
