"""ExprNet as a network, and as the two graphs that are shipped."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from train.conftest import SIZE, WHY
from train.synthetic_face import as_float
from train.toy_samples import toy_samples

from exshot.align.pair import CroppedFace, align
from exshot.draw import light
from exshot.editor import Editor
from exshot.exprnet.inputs import EDIT_PLANES, PHOTO_PLANES, POSE_FLOW, SHADING, edit_planes
from exshot.exprnet.network import ExprNet as Runner
from exshot.exprnet.network import has_exprnet
from exshot.exprnet.refinement import drawn_by_exprnet
from exshot.face.crop import CROP_SIZE
from exshot.image.sampling import sample_at, shrink
from exshot.model_store import MODELS_FOLDER, ModelStore
from exshot.options import EditOptions
from exshot.photo import Photo, flatten

torch = pytest.importorskip("torch", reason=WHY)
pytest.importorskip("yaml", reason=WHY)
pytest.importorskip("safetensors", reason=WHY)

from exshot_train.data import collate, prepare  # noqa: E402
from exshot_train.measure import draw_batch  # noqa: E402
from exshot_train.model import ExprNet, ModelConfig, gathering_warp, prior_maps, warp  # noqa: E402
from exshot_train.rendering import apply_gain  # noqa: E402

SMALL = ModelConfig(channels=(8, 8, 12, 16), coarsest_blocks=1)


def shaken(config: ModelConfig = SMALL) -> ExprNet:
    """A network whose last layers are not zero."""
    torch.manual_seed(0)
    network = ExprNet(config)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    return network.eval()


def test_an_untrained_network_draws_what_the_warp_method_draws() -> None:
    batch = collate([prepare(sample, EditOptions()) for sample in toy_samples(2, SIZE)])
    with torch.no_grad():
        maps = ExprNet(SMALL)(batch["pose_input"], batch["expression_input"], batch["edit"])
        ours, plain = draw_batch(maps, batch), draw_batch(prior_maps(batch["edit"]), batch)
    assert torch.allclose(ours.result, plain.result, atol=0.01)
    assert not maps.residual.any()
    assert not maps.correction.any()


def test_shading_is_followed_as_far_as_the_network_says() -> None:
    batch = collate([prepare(sample, EditOptions()) for sample in toy_samples(2, SIZE)])
    batch["edit"][:, SHADING] = 0.1
    none = prior_maps(batch["edit"])
    half, whole = (none._replace(shading=torch.full_like(none.blend, x)) for x in (0.5, 1.0))
    brighter = none._replace(log_gain=none.log_gain + 0.1)
    drawn, lit, same = (draw_batch(m, batch).result for m in (none, whole, brighter))
    assert torch.allclose(lit, same)
    assert (draw_batch(half, batch).result - drawn).mean() > 0


def test_a_truth_redrawn_shows_no_shading() -> None:
    redrawn, independent = toy_samples(2, SIZE)
    assert not prepare(redrawn, EditOptions())["edit"][SHADING].any()
    assert prepare(independent, EditOptions())["edit"][SHADING].any()


def test_nothing_is_drawn_where_the_warp_method_draws_nothing() -> None:
    edit = torch.rand(1, len(EDIT_PLANES), SIZE, SIZE)
    edit[:, EDIT_PLANES.index("blend"), :, :20] = 0
    photos = torch.rand(2, 1, len(PHOTO_PLANES), SIZE, SIZE)
    with torch.no_grad():
        blend = shaken()(photos[0], photos[1], edit).blend
    assert not blend[..., :20].any()


def test_training_and_compositing_apply_a_gain_alike() -> None:
    rng = np.random.default_rng(0)
    pixels = rng.uniform(0, 1, (40, 40, 3)).astype(np.float32)
    gain = np.exp(rng.uniform(-1, 1, pixels.shape)).astype(np.float32)
    ours = apply_gain(torch.from_numpy(pixels), torch.from_numpy(gain)).numpy()
    np.testing.assert_allclose(ours, light.apply_gain(pixels, gain), atol=2e-3)


def test_gathering_reads_what_grid_sampling_reads() -> None:
    values = torch.rand(1, 5, 9, 12)
    flow = torch.rand(1, 2, 20, 30) * 3 - 1.5  # some of it beyond the border
    assert torch.allclose(gathering_warp(values, flow), warp(values, flow), atol=1e-5)


def test_the_shipped_network_has_the_size_it_was_planned_for() -> None:
    weights = sum(parameter.numel() for parameter in ExprNet().parameters())
    assert 3e6 < weights < 6e6


WHOLE = replace(SMALL, whole_pose=True, synthesis=True, blend_reach=4.0)


def test_only_a_network_for_whole_pose_photos_sees_their_expression() -> None:
    sample = toy_samples(2, SIZE)[1]
    hidden = prepare(sample, EditOptions())
    shown = prepare(sample, EditOptions(), whole_pose=True)
    np.testing.assert_array_equal(shown["pose_input"][:3], 2 * shown["pose"] - 1)
    assert np.abs(hidden["pose_input"][:3] - shown["pose_input"][:3]).max() > 0.1
    for name in hidden.keys() - {"pose_input"}:
        np.testing.assert_array_equal(hidden[name], shown[name])


def test_a_pose_photo_held_still_is_drawn_as_it_is() -> None:
    batch = collate([prepare(sample, EditOptions()) for sample in toy_samples(2, SIZE)])
    batch["edit"][:, POSE_FLOW] += 0.1
    maps = prior_maps(batch["edit"])
    maps = maps._replace(blend=torch.zeros_like(maps.blend), still=torch.ones_like(maps.still))
    assert torch.allclose(draw_batch(maps, batch).result, batch["pose"], atol=1e-4)


def test_what_the_network_draws_itself_stays_on_the_face() -> None:
    batch = collate(
        [prepare(sample, EditOptions(), whole_pose=True) for sample in toy_samples(2, SIZE)]
    )
    with torch.no_grad():
        maps = shaken(WHOLE)(batch["pose_input"], batch["expression_input"], batch["edit"])
    face = batch["edit"][:, EDIT_PLANES.index("face")][:, None]
    assert maps.share[face > 0.9].min() > 0
    assert not maps.share[face == 0].any()


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> tuple[ExprNet, ModelStore]:
    """A network with random weights, and a store that holds its graphs."""
    pytest.importorskip("onnxscript", reason=WHY)
    from exshot_train.export import export, index_entry

    folder = tmp_path_factory.mktemp("models")
    network = shaken()
    paths = export(network, folder, SIZE)
    (folder / "models.toml").write_text("\n".join(index_entry(path, "a test") for path in paths))
    return network, ModelStore(folder)


def test_exported_graphs_answer_like_the_network(exported: tuple[ExprNet, ModelStore]) -> None:
    network, store = exported
    sample = prepare(toy_samples(1, SIZE)[0], EditOptions())
    batch = collate([sample])
    with torch.no_grad():
        maps = network.corrections(batch["pose_input"], batch["expression_input"], batch["edit"])
    encoder = store.session("exprnet_encoder")
    levels = {
        role: encoder.run(None, {"photo": sample[f"{role}_input"][None]})
        for role in ("pose", "expression")
    }
    decoder = store.session("exprnet_decoder")
    feeds = {f"{role}_{k}": value for role in levels for k, value in enumerate(levels[role])}
    finest = SIZE // SMALL.unshuffle
    feeds["edit"] = np.stack([shrink(plane, finest) for plane in sample["edit"]])[None]
    answer = decoder.run(None, {value.name: feeds[value.name] for value in decoder.get_inputs()})
    for found, wanted in zip(answer, maps[:4], strict=True):
        assert np.abs(found - wanted.numpy()).max() < 1e-3


def test_exported_graphs_say_nothing_of_the_machine(exported: tuple[ExprNet, ModelStore]) -> None:
    _, store = exported
    for name in ("exprnet_encoder", "exprnet_decoder"):
        assert b"model.py" not in store.path(name).read_bytes()


def test_an_edit_runs_on_exported_graphs(exported: tuple[ExprNet, ModelStore]) -> None:
    _, store = exported
    assert has_exprnet(store)
    runner, options = Runner(store), EditOptions()
    sample = toy_samples(1, SIZE)[0]
    pose, expression = (as_float(p) for p in (sample.pose, sample.expression))
    pair = align(
        CroppedFace.whole(pose, sample.mesh_pose),
        CroppedFace.whole(expression, sample.mesh_expression),
        options,
    )
    own = runner.features("a", pair.pose, "pose")
    other = runner.features("b", pair.expression, "expression")
    drawing = drawn_by_exprnet(pair, options, runner, own, other, 15.0)
    prior = edit_planes(pair, options).prior
    assert drawing.flow_expression.shape == (SIZE, SIZE, 2)
    assert drawing.residual is not None
    assert np.abs(drawing.residual).max() <= SMALL.residual_reach
    assert drawing.blend.max() <= 1
    assert not drawing.blend[prior.blend == 0].any()
    assert runner.features("a", pair.pose, "pose") is own


def test_an_edit_draws_what_training_drew_with_the_networks_own_picture(
    tmp_path: Path,
) -> None:
    pytest.importorskip("onnxscript", reason=WHY)
    from exshot_train.export import export, index_entry

    network = shaken(WHOLE)
    bias = network.decoder.head.bias
    assert bias is not None
    with torch.no_grad():
        bias[9 * WHOLE.unshuffle**2 :] = 3.0  # the share, last of the planes
    paths = export(network, tmp_path, SIZE)
    (tmp_path / "models.toml").write_text("\n".join(index_entry(path, "a test") for path in paths))
    runner, options = Runner(ModelStore(tmp_path)), EditOptions(color_match=False)
    sample = toy_samples(2, SIZE)[1]
    pair = align(
        CroppedFace.whole(as_float(sample.pose), sample.mesh_pose),
        CroppedFace.whole(as_float(sample.expression), sample.mesh_expression),
        options,
    )
    own = runner.features("a", pair.pose, "pose")
    other = runner.features("b", pair.expression, "expression")
    drawn = drawn_by_exprnet(pair, options, runner, own, other, head_turn=15.0)
    batch = collate([prepare(sample, options, whole_pose=True)])
    with torch.no_grad():
        maps = network(batch["pose_input"], batch["expression_input"], batch["edit"])
    assert maps.share.max() > 0.2
    gained = maps._replace(log_gain=torch.zeros_like(maps.log_gain), shading=0 * maps.shading)
    wanted = draw_batch(gained, batch).result[0].permute(1, 2, 0).numpy()
    assert drawn.residual is not None
    expression = sample_at(pair.expression.pixels, drawn.flow_expression) + drawn.residual
    pose = sample_at(pair.pose.pixels, drawn.flow_pose)
    found = pose + drawn.blend[..., None] * (expression - pose)
    assert np.abs(found - wanted)[pair.maps.face].max() < 0.02


def test_the_editor_uses_the_network_where_its_weights_are_installed(
    tmp_path: Path, photo_pair: tuple[Path, Path]
) -> None:
    pytest.importorskip("onnxscript", reason=WHY)
    from exshot_train.export import export, index_entry

    folder = tmp_path / "models"
    shutil.copytree(MODELS_FOLDER, folder)
    paths = export(ExprNet(SMALL), folder, CROP_SIZE)
    index = folder / "models.toml"
    others = index.read_text().partition("[exprnet_encoder]")[0]
    index.write_text(others + "\n".join(index_entry(path, "a test") for path in paths))
    editor = Editor(ModelStore(folder))
    pose, expression = (Photo.open(path) for path in photo_pair)
    ours = editor.edit(pose, expression)
    plain = editor.edit(pose, expression, EditOptions(method="warp"))
    assert (ours.report.method, plain.report.method) == ("exprnet", "warp")
    # Untrained, it draws what the warp method draws, only registered to the pose photo.
    apart = np.abs(flatten(pose, ours).astype(int) - flatten(pose, plain))
    assert apart.mean() <= 0.01 * np.iinfo(pose.pixels.dtype).max


def test_the_index_entry_names_the_files_checksum(
    exported: tuple[ExprNet, ModelStore], tmp_path: Path
) -> None:
    _, store = exported
    content = store.path("exprnet_encoder").read_bytes()
    index = (store.folder / "models.toml").read_text()
    assert hashlib.sha256(content).hexdigest() in index
