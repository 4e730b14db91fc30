"""``python -m exshot_train.studio``: render, develop, test-split, paper-set, demo, sheet, check."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from exshot.errors import ExshotError
from exshot_train.data_root import studio_cache
from exshot_train.studio.assets import Assets
from exshot_train.studio.people import Cast, Split
from exshot_train.studio.store import Store
from exshot_train.studio.traced import TracedSet

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)

Out = Annotated[Path | None, typer.Option(help="Folder of the renders (EXSHOT_STUDIO_CACHE).")]


@app.command()
def render(
    split: Annotated[str, typer.Option(help="train, val or test.")] = "train",
    shard: Annotated[str, typer.Option(help="I/N: this process takes every N-th take.")] = "1/1",
    limit: Annotated[int, typer.Option(help="Stop after this many takes; 0 for all.")] = 0,
    people: Annotated[int, typer.Option(help="Only the first so many people; 0 for all.")] = 0,
    turns: Annotated[int, typer.Option(help="Turns of each head.")] = 2,
    cast: Annotated[str, typer.Option(help="people, avatars or scans.")] = "people",
    size: Annotated[int, typer.Option(help="Side of the views, pixels.")] = 512,
    out: Out = None,
) -> None:
    """Render a split's passes with OpenGL: five views a take, any light later."""
    from exshot_train.studio.render import Studio, render_takes
    from exshot_train.studio.takes import plan

    name = _split(split)
    index, count = _shard(shard)
    takes = plan(name, index, count, turns, people or None, cast=_cast(cast))
    takes = takes[:limit] if limit else takes
    store = Store(out or studio_cache(), name)
    made = render_takes(Studio(Assets.find(), size), store, takes, {}, None, _report)
    typer.echo(f"{made} takes rendered, {len(takes)} complete in {store.takes}")


@app.command()
def develop(
    split: Annotated[str, typer.Option(help="train, val or test.")] = "train",
    shard: Annotated[str, typer.Option(help="I/N: this process takes every N-th take.")] = "1/1",
    relit: Annotated[int, typer.Option(help="Further lights for each view (augmentation).")] = 2,
    out: Out = None,
) -> None:
    """Develop the rendered takes in the studio's own light: training reads these views."""
    from exshot_train.studio.views import develop_takes, views_folder

    name = _split(split)
    index, count = _shard(shard)
    store = Store(out or studio_cache(), name)
    keys = store.keys()[index - 1 :: count]
    report = lambda done, total: typer.echo(f"{done}/{total} takes")  # noqa: E731
    made = develop_takes(store, Assets.find(), keys, name, relit, report)
    typer.echo(f"{made} takes developed, {len(keys)} complete in {views_folder(store)}")


@app.command("test-split")
def render_test_split(
    shard: Annotated[str, typer.Option(help="I/N: this process takes every N-th take.")] = "1/1",
    samples: Annotated[int, typer.Option(help="Of Cycles for each pixel.")] = 32,
    limit: Annotated[int, typer.Option(help="Stop after this many takes; 0 for all.")] = 0,
    threads: Annotated[int, typer.Option(help="For Cycles.")] = 1,
    out: Out = None,
) -> None:
    """Render the fixed test split: 200 triplets, path-traced, and their exact geometry."""
    from exshot_train.studio.testsplit import chosen_views

    store = Store(out or studio_cache(), "test")
    _trace(chosen_views(Assets.find()), store, shard, samples, limit, threads)


@app.command("paper-set")
def render_paper_set(
    shard: Annotated[str, typer.Option(help="I/N: this process takes every N-th take.")] = "1/1",
    limit: Annotated[int, typer.Option(help="Stop after this many takes; 0 for all.")] = 0,
    threads: Annotated[int, typer.Option(help="For Cycles.")] = 2,
    out: Out = None,
) -> None:
    """Render the 200 triplets on the paper's terms: one soft studio light for all views."""
    from exshot_train.studio.paper_set import SAMPLES, paper_set

    store = Store((out or studio_cache()) / "paper", "test")
    _trace(paper_set(), store, shard, SAMPLES, limit, threads)


def _trace(
    views: TracedSet, store: Store, shard: str, samples: int, limit: int, threads: int
) -> None:
    """Render what is missing of a set, write the set, and say whether its views are as listed."""
    from exshot_train.studio.cycles import CyclesSettings
    from exshot_train.studio.render import Studio, render_takes
    from exshot_train.studio.traced import changed_views, export

    index, count = _shard(shard)
    # Person by person: a few takes give triplets already.
    takes = sorted(views.takes, key=lambda take: (take.person, take))[index - 1 :: count]
    takes = takes[:limit] if limit else takes
    settings = CyclesSettings(samples, threads)
    render_takes(Studio(Assets.find()), store, takes, views.photos, settings, _report)
    typer.echo(f"the set {views.name}: {export(store, views)}")
    changed = changed_views(store, views)
    word = f"{len(changed)} views differ from" if changed else "every view is as in"
    typer.echo(f"{word} {views.hashes.name}")


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for pose.jpg and expression.jpg.")],
    renderer: Annotated[str, typer.Option(help="cycles or raster.")] = "cycles",
    samples: Annotated[int, typer.Option(help="Of Cycles for each pixel.")] = 32,
    scale: Annotated[float, typer.Option(help="Share of the full 1200 x 1600.")] = 1.0,
    threads: Annotated[int, typer.Option(help="For Cycles.")] = 2,
) -> None:
    """Render the pair of photos that ``exshot demo`` edits."""
    from exshot_train.studio.demo import render_demo

    render_demo(out, renderer, samples, scale, threads)


@app.command()
def sheet(
    out: Annotated[Path, typer.Option(help="JPEG to write.")],
    kind: Annotated[
        str, typer.Option(help="people, avatars, scans, folds, expressions, lights or renderers.")
    ],
    cell: Annotated[int, typer.Option(help="Side of a cell, pixels.")] = 192,
) -> None:
    """Draw a contact sheet."""
    from exshot_train.studio.sheets import draw_sheet

    draw_sheet(out, kind, cell)


@app.command()
def check(
    split: Annotated[str, typer.Option(help="train, val or test.")] = "train",
    takes: Annotated[int, typer.Option(help="How many takes to look at; 0 for all.")] = 40,
    out: Out = None,
) -> None:
    """Check rendered views: meshes found, blendshapes against the posed units, exact flow."""
    from exshot_train.studio.check import check_store

    check_store(Store(out or studio_cache(), _split(split)), Assets.find(), takes, typer.echo)


def _split(text: str) -> Split:
    if text not in ("train", "val", "test"):
        raise typer.BadParameter(f"{text!r} is not train, val or test")
    return text


def _cast(text: str) -> Cast:
    if text not in ("people", "avatars", "scans"):
        raise typer.BadParameter(f"{text!r} is not people, avatars or scans")
    return text


def _shard(text: str) -> tuple[int, int]:
    try:
        index, count = (int(part) for part in text.split("/"))
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not I/N, such as 2/8") from None
    if not 1 <= index <= count:
        raise typer.BadParameter(f"shard {index} of {count} does not exist")
    return index, count


def _report(done: int, total: int, seconds_left: float) -> None:
    """One line that overwrites itself in a terminal and adds up in a log."""
    minutes = round(seconds_left / 60)
    bar = "█" * round(20 * done / total)
    typer.echo(f"{bar:·<20} {done}/{total} takes, {minutes // 60} h {minutes % 60:02d} min left")


if __name__ == "__main__":
    try:
        app(standalone_mode=True)
    except ExshotError as error:
        typer.echo(f"{error.sentence} {error.hint}", err=True)
        raise SystemExit(1) from None
