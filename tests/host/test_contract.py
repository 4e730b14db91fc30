"""The in-memory host keeps the contract that the editors' adapters must keep."""

from __future__ import annotations

import pytest
from host.contract import CONTRACT, IMAGE_SIZE, pattern
from host.fake_host import FakeHost, FakeLayer

from exshot_host.adapter import SelectionMask


class FakeScene:
    tolerance = 0
    can_undo = True
    pose = "p"
    expression = "e"

    def __init__(self) -> None:
        self.host = FakeHost(
            [
                FakeLayer("e", "expression", 10, -4, 40, 36, pattern(40, 36, 1)),
                FakeLayer("p", "pose", 0, 0, 64, 48, pattern(64, 48, 0)),
            ],
            selected=["p"],
        )

    def select(self, x0: int, y0: int, x1: int, y1: int) -> None:
        size = (x1 - x0) * (y1 - y0)
        self.host.selected_box = SelectionMask(x0, y0, x1 - x0, y1 - y0, b"\xff" * size)

    def undo(self) -> None:
        self.host.undo()

    def delete(self, layer_id: str) -> None:
        self.host.image.remove(self.host.find(layer_id))

    def flattened(self) -> bytes:
        width, height = IMAGE_SIZE
        shown = bytearray(b"\0\0\0\xff" * (width * height))
        for layer in reversed([one for one in self.host.image if one.kind != "group"]):
            for y in range(layer.height):
                for x in range(layer.width):
                    column, row = layer.x + x, layer.y + y
                    if not (0 <= column < width and 0 <= row < height):
                        continue
                    index = y * layer.width + x
                    cover = (layer.mask[index] if layer.mask else 255) / 255
                    at = 4 * (row * width + column)
                    for channel in range(3):
                        above = layer.pixels[4 * index + channel]
                        below = shown[at + channel]
                        shown[at + channel] = round(above * cover + below * (1 - cover))
        return bytes(shown)


@pytest.mark.parametrize("check", CONTRACT, ids=lambda check: check.__name__)
def test_fake_host_keeps_the_contract(check) -> None:  # type: ignore[no-untyped-def]
    check(FakeScene())
