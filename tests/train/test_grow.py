"""The paper's network goes on from the shipped one's weights."""

from __future__ import annotations

from dataclasses import replace

import pytest
from train.conftest import WHY

torch = pytest.importorskip("torch", reason=WHY)

from exshot.exprnet.inputs import EDIT_PLANES, PHOTO_PLANES  # noqa: E402
from exshot_train.grow import take_over  # noqa: E402
from exshot_train.model import ExprNet, ModelConfig  # noqa: E402

KNOWN = ModelConfig(channels=(8, 12, 16))
PAPER = replace(KNOWN, whole_pose=True, synthesis=True, blend_reach=6.0)
SIZE = 64


def shaken(config: ModelConfig, seed: int) -> ExprNet:
    """With weights that answer something, also where training starts from zero."""
    torch.manual_seed(seed)
    network = ExprNet(config).eval()
    with torch.no_grad():
        for weights in network.parameters():
            weights += 0.02 * torch.randn_like(weights)
    return network


def test_a_larger_shape_answers_what_the_known_network_does_and_holds_little_still() -> None:
    known, paper = shaken(KNOWN, 1), ExprNet(PAPER).eval()
    take_over(paper, known)
    pose, expression = torch.rand(2, 2, len(PHOTO_PLANES), SIZE, SIZE)
    edit = torch.rand(2, len(EDIT_PLANES), SIZE, SIZE) * 0.5
    with torch.no_grad():
        expected, found = (one.corrections(pose, expression, edit) for one in (known, paper))
    for name in ("flow", "log_gain", "residual", "shading"):
        torch.testing.assert_close(getattr(found, name), getattr(expected, name))
    assert expected.flow.abs().max() > 0
    assert max(found.still.max(), found.share.max()) < 0.06


def test_a_shape_without_the_flows_correction_takes_over_the_rest() -> None:
    known = shaken(KNOWN, 1)
    row = ExprNet(replace(KNOWN, refine_flow=False))
    take_over(row, known)
    torch.testing.assert_close(row.decoder.head.weight, known.decoder.head.weight)


def test_other_channels_are_another_network() -> None:
    with pytest.raises(ValueError, match=r"encoder\.stem\.weight has the shape \(8, 128, 3, 3\)"):
        take_over(ExprNet(replace(KNOWN, channels=(10, 12, 16))), shaken(KNOWN, 1))
