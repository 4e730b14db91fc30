"""ExprNet: a residual U-Net whose features are warped, and whose flow is refined, at every level.

After section 3.3 of the paper. Two changes make its output fit for any resolution and its training
short: it answers with maps (flow, gain, residual, blend) instead of pixels, and it corrects the
warp method's own maps. Its last layers start at zero, so an untrained network *is* the warp
method.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812 - torch's own convention
from torch import Tensor, nn

from exshot.exprnet.inputs import (
    BLEND,
    EDIT_PLANES,
    FLOW,
    FLOW_PLANES,
    GAIN,
    PHOTO_PLANES,
    POSE_FLOW,
)
from exshot.exprnet.network import LEAST_KNOWN

_BLEND = slice(BLEND, BLEND + 1)  # one plane, not a map without planes
_FACE = slice(EDIT_PLANES.index("face"), EDIT_PLANES.index("face") + 1)
_CONDITIONS = len(EDIT_PLANES) - FLOW_PLANES
_SLOPE = 0.1
_SHADING_START = -3.0  # an untrained network follows a twentieth of the shading
_STILL_START = -3.0  # and leaves a twentieth of the pose photo where it is
_SHARE_START = -4.0  # and draws a fiftieth itself
_PICTURE_REACH = 0.6  # the network's own picture lies in 0.5 ± this


@dataclass(frozen=True)
class ModelConfig:
    """Shape of the network.

    Attributes:
        channels: of each level, finest first.
        coarsest_blocks: residual blocks of the decoder's coarsest level.
        unshuffle: side of the pixel blocks that the first layer folds into channels.
        gain_level: level whose resolution the gain has; coarser is smoother.
        flow_reach: most that one level may move the flow, grid units (the crop is 2 wide).
        gain_reach: largest correction of the log gain.
        residual_reach: largest residual, of the range [0, 1].
        blend_reach: largest correction of the blend's logit; 0 keeps the warp method's blend.
        warp_features: False warps the expression photo's pixels instead (ablation "RGB warping").
        refine_flow: False keeps the flow of the meshes (ablation "without flow refinement").
        whole_pose: the pose photo is read as it is, at every level, as in the paper, and need not
            follow the mesh where it should stay; else its expression is hidden from the network.
            For triplets whose pose photo and truth are pictures of their own.
        synthesis: the network also answers with a picture of its own, and with its share.
    """

    channels: tuple[int, ...] = (40, 80, 128, 176)
    coarsest_blocks: int = 2
    unshuffle: int = 4
    gain_level: int = 1
    flow_reach: float = 0.05
    gain_reach: float = 0.7
    residual_reach: float = 0.15
    blend_reach: float = 0.0
    warp_features: bool = True
    refine_flow: bool = True
    whole_pose: bool = False
    synthesis: bool = False

    @property
    def head_planes(self) -> int:
        """Residual, blend, shading; then still, picture and share where they are asked for."""
        return 5 + self.whole_pose + 4 * self.synthesis

    @property
    def stride(self) -> int:
        """Sides of pictures have to be multiples of this."""
        return self.unshuffle << (len(self.channels) - 1)


class Maps(NamedTuple):
    """The network's answer, all ``(b, c, h, w)`` float32.

    Attributes:
        flow: refined flow into the expression crop, grid units, two planes.
        log_gain: three planes.
        residual: three planes, within ± `ModelConfig.residual_reach`.
        blend: one plane in [0, 1], share of the expression photo.
        shading: one plane in [0, 1], share of the measured shading that joins the log gain.
        correction: what refinement added to the flow, two planes.
        still: one plane in [0, 1], how far the pose photo stays where it is instead of following
            the mesh; 0 without `ModelConfig.whole_pose`.
        picture: three planes, the network's own picture of the result.
        share: one plane in [0, 1], share of that picture; 0 without `ModelConfig.synthesis`.
    """

    flow: Tensor
    log_gain: Tensor
    residual: Tensor
    blend: Tensor
    shading: Tensor
    correction: Tensor
    still: Tensor
    picture: Tensor
    share: Tensor


class Corrections(NamedTuple):
    """What the decoder finds, before it is added to the warp method's maps; all ``(b, c, h, w)``.

    Each has the size that it is found at: the flow that of the finest level, the gain that of
    `ModelConfig.gain_level`, all others that of the crop.

    Attributes:
        flow: two planes, grid units, to add to the flow into the expression crop.
        log_gain: three planes to add.
        residual: see `Maps`.
        shading: see `Maps`.
        blend: one plane to add to the blend's logit, within ± `ModelConfig.blend_reach`.
        still: see `Maps`.
        picture: see `Maps`.
        share: see `Maps`, beside the face too.
    """

    flow: Tensor
    log_gain: Tensor
    residual: Tensor
    shading: Tensor
    blend: Tensor
    still: Tensor
    picture: Tensor
    share: Tensor


def prior_maps(edit: Tensor) -> Maps:
    """The warp method's own maps, from the ``(b, 17, h, w)`` planes of an edit."""
    return Maps(
        flow=edit[:, FLOW],
        log_gain=edit[:, GAIN],
        residual=torch.zeros_like(edit[:, GAIN]),
        blend=edit[:, _BLEND],
        shading=torch.zeros_like(edit[:, _BLEND]),
        correction=torch.zeros_like(edit[:, FLOW]),
        still=torch.zeros_like(edit[:, _BLEND]),
        picture=torch.zeros_like(edit[:, GAIN]),
        share=torch.zeros_like(edit[:, _BLEND]),
    )


class Residual(nn.Module):
    """Two convolutions beside the identity."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(F.leaky_relu(self.first(x), _SLOPE))


class Encoder(nn.Module):
    """Features of one photo, ``(b, 8, h, w)`` to one tensor per level, finest first."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        channels = config.channels
        self.unshuffle = config.unshuffle
        self.stem = nn.Conv2d(len(PHOTO_PLANES) * config.unshuffle**2, channels[0], 3, padding=1)
        self.down = nn.ModuleList(
            nn.Conv2d(a, b, 3, stride=2, padding=1)
            for a, b in zip(channels, channels[1:], strict=False)
        )
        self.blocks = nn.ModuleList(Residual(c) for c in channels[1:])

    def forward(self, photo: Tensor) -> list[Tensor]:
        x = F.leaky_relu(self.stem(F.pixel_unshuffle(photo, self.unshuffle)), _SLOPE)
        levels = [x]
        for down, block in zip(self.down, self.blocks, strict=True):
            x = block(F.leaky_relu(down(x), _SLOPE))
            levels.append(x)
        return levels


class Decoder(nn.Module):
    """From both photos' features and the edit to the maps, coarse to fine."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.read: Callable[[Tensor, Tensor], Tensor] = warp
        channels = config.channels
        self.refine = nn.ModuleDict()
        self.narrow = nn.ModuleList()
        self.merge = nn.ModuleList()
        self.blocks = nn.ModuleList()
        for level, width in enumerate(channels):
            coarsest = level + 1 == len(channels)
            parts = 1 + (level >= self.first_pose_level) + (not coarsest)
            seen = width * parts + _CONDITIONS
            if config.refine_flow:
                self.refine[str(level)] = _refinement(seen, width // 2)
            if not coarsest:
                self.narrow.append(nn.Conv2d(channels[level + 1], width, 1))
            # One by one: mixing is cheap that way, and the blocks after it look around.
            self.merge.append(nn.Conv2d(seen, width, 1))
            self.blocks.append(_block(width, level, config))
        self.gain = _zero(nn.Conv2d(channels[config.gain_level], 3, 3, padding=1))
        planes = config.head_planes * config.unshuffle**2
        self.head = _zero(nn.Conv2d(channels[0], planes, 3, padding=1))

    @property
    def first_pose_level(self) -> int:
        """Finest level that reads the pose photo's features.

        Where its expression is hidden, the finest of all only serves drawing, and nothing is drawn
        from the pose photo's features.
        """
        return 0 if self.config.whole_pose else 1

    @property
    def answers(self) -> list[str]:
        """Names of the `Corrections` that a network of this shape has to say something about."""
        config = self.config
        names = ["flow", "log_gain", "residual", "shading"] + ["blend"] * (config.blend_reach > 0)
        return names + ["still"] * config.whole_pose + ["picture", "share"] * config.synthesis

    def forward(self, pose: list[Tensor], expression: list[Tensor], edit: Tensor) -> Corrections:
        """Decode.

        Args:
            pose: features of every level from `first_pose_level` on.
            expression: features of every level.
            edit: ``(b, 17, h, w)``, see `exshot.exprnet.inputs.EDIT_PLANES`, shrunk to the size of
                the finest level.
        """
        config = self.config
        correction: Tensor | None = None
        state: Tensor | None = None
        log_gain = torch.zeros(())
        pyramid = [edit]
        for _ in config.channels[1:]:
            pyramid.append(F.avg_pool2d(pyramid[-1], 2))
        for level in reversed(range(len(config.channels))):
            shrunk = pyramid[level]
            if correction is not None:
                correction = _twice(correction)
            seen = [shrunk[:, FLOW_PLANES:]]
            first = self.first_pose_level
            if level >= first:
                seen.append(self.read(pose[level - first], shrunk[:, POSE_FLOW]))
            if state is not None:
                seen.append(_twice(self.narrow[level](state)))
            flow = shrunk[:, :2] if correction is None else shrunk[:, :2] + correction
            warped = self._fetch(expression[level], flow)
            if config.refine_flow:
                step = torch.tanh(self.refine[str(level)](torch.cat([warped, *seen], 1)).float())
                step = step * config.flow_reach
                # It serves from the next level on: reading every level twice costs too much.
                correction = step if correction is None else correction + step
            x = F.leaky_relu(self.merge[level](torch.cat([warped, *seen], 1)), _SLOPE)
            state = self.blocks[level](x)
            if level == config.gain_level:
                log_gain = config.gain_reach * torch.tanh(self.gain(state).float())
        if correction is None:
            correction = torch.zeros_like(edit[:, FLOW])
        raw = F.pixel_shuffle(self.head(state), config.unshuffle).float()
        return self._corrections(correction, log_gain, raw)

    def added(self, found: Corrections, edit: Tensor) -> Maps:
        """Corrections added to the warp method's maps, ``edit`` as large as the crop."""
        size = (edit.shape[-2], edit.shape[-1])
        correction, blend = _resize(found.flow, size), edit[:, _BLEND]
        return Maps(
            flow=edit[:, FLOW] + correction,
            log_gain=edit[:, GAIN] + _resize(found.log_gain, size),
            residual=found.residual,
            blend=_blended(blend, found.blend) if self.config.blend_reach else blend,
            shading=found.shading,
            correction=correction,
            still=found.still,
            picture=found.picture,
            # Nothing is drawn beside the face, where an edit has no say.
            share=found.share * edit[:, _FACE],
        )

    def _fetch(self, features: Tensor, flow: Tensor) -> Tensor:
        return self.read(features, flow) if self.config.warp_features else features

    def _corrections(self, flow: Tensor, log_gain: Tensor, raw: Tensor) -> Corrections:
        config = self.config
        none = torch.zeros_like(raw[:, :1])
        at = 5 + config.whole_pose
        return Corrections(
            flow=flow,
            log_gain=log_gain,
            residual=config.residual_reach * torch.tanh(raw[:, :3]),
            shading=torch.sigmoid(raw[:, 4:5] + _SHADING_START),
            blend=config.blend_reach * torch.tanh(raw[:, 3:4]),
            still=torch.sigmoid(raw[:, 5:6] + _STILL_START) if config.whole_pose else none,
            picture=0.5 + _PICTURE_REACH * torch.tanh(raw[:, at : at + 3])
            if config.synthesis
            else torch.zeros_like(raw[:, :3]),
            share=torch.sigmoid(raw[:, at + 3 : at + 4] + _SHARE_START)
            if config.synthesis
            else none,
        )


def _blended(prior: Tensor, move: Tensor) -> Tensor:
    """The warp method's blend with its logit moved (`exshot.exprnet.refinement` does the same)."""
    known = prior.clamp(LEAST_KNOWN, 1 - LEAST_KNOWN)
    logit = torch.log(known / (1 - known)) + move
    # Where the warp method draws nothing (hair, regions switched off) nor does this.
    return torch.sigmoid(logit) * (prior / LEAST_KNOWN).clamp(0, 1)


class ExprNet(nn.Module):
    """Encoder (shared by both photos) and decoder."""

    def __init__(self, config: ModelConfig = ModelConfig()) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)

    def forward(self, pose: Tensor, expression: Tensor, edit: Tensor) -> Maps:
        """Maps of a batch.

        Args:
            pose, expression: ``(b, 8, h, w)``, see `exshot.exprnet.inputs.PHOTO_PLANES`.
            edit: ``(b, 17, h, w)``, see `exshot.exprnet.inputs.EDIT_PLANES`.
        """
        return self.decoder.added(self.corrections(pose, expression, edit), edit)

    def corrections(self, pose: Tensor, expression: Tensor, edit: Tensor) -> Corrections:
        """As `forward`, before they are added to the maps of the edit."""
        if not self.config.warp_features:
            expression = warp(expression, edit[:, :2])
        both = self.encoder(torch.cat([pose, expression]))
        own, other = zip(*(level.chunk(2) for level in both), strict=True)
        shrunk = F.avg_pool2d(edit, self.config.unshuffle)
        return self.decoder(list(own[self.decoder.first_pose_level :]), list(other), shrunk)


def warp(values: Tensor, flow: Tensor) -> Tensor:
    """Read ``(b, c, h, w)`` at a flow ``(b, 2, h', w')`` in grid units; borders are repeated."""
    grid = flow.permute(0, 2, 3, 1).float()
    read = F.grid_sample(
        values.float(), grid, mode="bilinear", padding_mode="border", align_corners=False
    )
    return read.to(values.dtype)


def identity_grid(like: Tensor) -> Tensor:
    """Where every pixel of ``(b, c, h, w)`` is, grid units: ``(1, 2, h, w)``."""
    height, width = like.shape[-2:]
    x = (torch.arange(width, device=like.device) + 0.5) * (2 / width) - 1
    y = (torch.arange(height, device=like.device) + 0.5) * (2 / height) - 1
    return torch.stack(torch.meshgrid(x, y, indexing="xy"))[None]


def gathering_warp(values: Tensor, flow: Tensor) -> Tensor:
    """`warp` of a single picture, by gathering whole pixels.

    ONNX Runtime's own operator for it reads channel by channel and is several times slower.
    """
    channels, height, width = values.shape[1:]
    rows = values[0].permute(1, 2, 0).reshape(height * width, channels)
    x = ((flow[0, 0] + 1) * (width / 2) - 0.5).clamp(0, width - 1).reshape(-1)
    y = ((flow[0, 1] + 1) * (height / 2) - 0.5).clamp(0, height - 1).reshape(-1)
    left, top = x.floor(), y.floor()
    right, bottom = (left + 1).clamp(max=width - 1), (top + 1).clamp(max=height - 1)
    across, down = x - left, y - top

    places = torch.stack(
        [row * width + column for row in (top, bottom) for column in (left, right)], 1
    )
    corners = rows.index_select(0, places.long().reshape(-1)).reshape(-1, 4, channels)
    shares = torch.stack([a * b for a in (1 - down, down) for b in (1 - across, across)], 1)
    mixed = (shares[:, None] @ corners)[:, 0]
    return mixed.reshape(1, *flow.shape[2:], channels).permute(0, 3, 1, 2)


def _twice(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


def _resize(x: Tensor, size: tuple[int, int]) -> Tensor:
    return F.interpolate(x, size=size, mode="bilinear", align_corners=False)


def _block(width: int, level: int, config: ModelConfig) -> nn.Module:
    """What follows the mixing: one convolution at the finest level, where it costs most."""
    if level == 0:
        return nn.Sequential(nn.Conv2d(width, width, 3, padding=1), nn.LeakyReLU(_SLOPE))
    count = config.coarsest_blocks if level + 1 == len(config.channels) else 1
    return nn.Sequential(*(Residual(width) for _ in range(count)))


def _refinement(seen: int, hidden: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(seen, hidden, 1),
        nn.LeakyReLU(_SLOPE),
        nn.Conv2d(hidden, hidden, 3, padding=1),
        nn.LeakyReLU(_SLOPE),
        _zero(nn.Conv2d(hidden, 2, 3, padding=1)),
    )


def _zero(layer: nn.Conv2d) -> nn.Conv2d:
    nn.init.zeros_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer
