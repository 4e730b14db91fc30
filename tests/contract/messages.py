"""One of every message, filled in."""

from __future__ import annotations

from exshot_contract import messages as p
from exshot_contract.options import Options, RegionWeights

REPORT = p.Report(
    "exprnet", 0, 1, -3.5, 2.0, 0.0, 0.125, (p.Notice("large_turn", "Far.", "Look."),), {"fit": 1.5}
)
OPTIONS = Options(
    method="warp",
    strength=0.5,
    regions=RegionWeights(mouth=0.25),
    gaze="pose",
    color_match=False,
    feather=0.2,
    pose_face=1,
)

REQUESTS: tuple[p.Request, ...] = (
    p.Hello("gimp", "3.0.4"),
    p.PutPhoto("a1", 2, 3, "rgba", 8, bytes(range(24))),
    p.PutPhoto("b2", 1, 2, "rgb", 16, bytes(range(12))),
    p.PutPhoto("c3", 3, 1, "mask", 8, b"\x00\x80\xff"),
    p.Faces("a1", 96),
    p.Edit("a1", "b2", OPTIONS, 512, "dialog1", "c3", -4, 5, "bgra"),
    p.Suggest(("a1", "b2")),
    p.Suggest(("a1", "b2"), "b2", (p.SamePerson("a1", 0, "b2", 1),)),
    p.Cancel(7),
    p.Release(("a1",)),
    p.Shutdown(),
)
REPLIES: tuple[p.Reply, ...] = (
    p.HelloResult("0.1.0", 123, "/tmp/engine.log", photo_memory=5),
    p.Done(),
    p.FacesResult((p.FaceInfo(1, 2, 3, 4, 0.9, 1.0, 2.0, 3.0, (1.5, 2.5)),), 2, bytes(12), 48.5),
    p.EditResult(1, 2, 2, 1, "rgba", 8, REPORT, bytes(8), b"\x00\xff"),
    p.EditResult(0, 0, 0, 0, "rgb", 16, REPORT),
    p.PreviewResult(2, -1, 0, 9, 10, REPORT, bytes(12), bytes(12)),
    p.SuggestResult("a1", (p.FaceSuggestion(0, "b2", 1, 0.75, ("eyes open",)),)),
    p.Progress(0.5, "Fitting"),
    p.Error("no_face", "There is no face.", "Look again."),
)
