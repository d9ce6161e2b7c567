"""`.venv/bin/python -m docs.picture` draws docs/architecture.svg from the import graph.

A column per service with its subjects, a row for what is shared. A subject stands above those that
it imports; an arrow that others already imply is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from klima_local.services import services
from tests.architecture import source

TARGET: Final = Path(__file__).with_name("architecture.svg")
WIDTH, HEIGHT, GAP_X, GAP_Y, PAD, ROW = 104, 26, 14, 34, 18, 4
STYLE: Final = """
  text { font: 12px system-ui, sans-serif; fill: #1b2733; text-anchor: middle }
  .title { font-weight: 600; font-size: 14px } .note { font-size: 11px; fill: #4a5865 }
  .room { fill: #f3f6f8; stroke: #b6c2cc } .subject { fill: #fff; stroke: #33648c }
  .arrow { stroke: #33648c; stroke-opacity: .55; fill: none; marker-end: url(#tip) }
  .http { stroke: #a34a00; stroke-width: 2; fill: none; marker-end: url(#tip-http) }
"""
Graph = Mapping[str, set[str]]


def reduced(graph: Graph) -> dict[str, set[str]]:
    """Without the arrows that a longer way implies."""

    def below(node: str, seen: frozenset[str] = frozenset()) -> set[str]:
        others = graph.get(node, set()) - seen
        return others | {far for near in others for far in below(near, seen | {node})}

    return {
        node: {o for o in others if not any(o in below(near) for near in others - {o})}
        for node, others in graph.items()
    }


def ranks(graph: Graph) -> list[list[str]]:
    """Subjects in rows from above: each below everything that imports it. Those that import each
    other in a circle count as one."""
    circle = {name: tuple(group) for group in source.circles(graph) for name in group}
    group_of = {name: circle.get(name, (name,)) for name in graph}
    depth = dict.fromkeys(group_of.values(), 0)
    for _ in depth:  # as often as the longest way may be
        for name, others in graph.items():
            for group in {group_of[other] for other in others} - {group_of[name]}:
                depth[group] = max(depth[group], depth[group_of[name]] + 1)
    rows = []
    for row in sorted(set(depth.values())):
        names = sorted(name for name in graph if depth[group_of[name]] == row)
        rows += [names[start : start + ROW] for start in range(0, len(names), ROW)]
    return rows


def subjects(service: str) -> dict[str, set[str]]:
    graph = source.subject_graph(f"klima_{service}")
    names = {*graph, *(other for others in graph.values() for other in others)}
    return {
        name.split(".")[1]: {other.split(".")[1] for other in graph.get(name, ())}
        for name in sorted(names)
    }


def column(service: str, title: str, left: float, top: float) -> tuple[list[str], float, float]:
    """The drawing of a service, its width and its height."""
    graph = subjects(service)
    rows = ranks(graph)
    longest = max((len(row) for row in rows), default=1)  # a new service has no subject yet
    width = longest * (WIDTH + GAP_X) - GAP_X + 2 * PAD
    height = len(rows) * (HEIGHT + GAP_Y) + 2 * PAD
    place: dict[str, tuple[float, float]] = {}
    for number, row in enumerate(rows):
        taken = len(row) * (WIDTH + GAP_X) - GAP_X
        for position, name in enumerate(row):
            x = left + (width - taken) / 2 + position * (WIDTH + GAP_X)
            place[name] = (x, top + 36 + PAD + number * (HEIGHT + GAP_Y))
    parts = [
        (
            f'<rect class="room" x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}"'
            ' rx="8"/>'
        ),
        f'<text class="title" x="{left + width / 2:g}" y="{top + 22:g}">{title}</text>',
    ]
    for name, others in reduced(graph).items():
        for other in sorted(others):
            if place[other][1] <= place[name][1]:
                continue  # a circle; the rules of the house count it
            (x1, y1), (x2, y2) = place[name], place[other]
            a, b = x1 + WIDTH / 2, x2 + WIDTH / 2
            y = y1 + HEIGHT
            middle = (y + y2) / 2
            line = f"M{a:g} {y:g}C{a:g} {middle:g} {b:g} {middle:g} {b:g} {y2 - 3:g}"
            parts.append(f'<path class="arrow" d="{line}"/>')
    for name, (x, y) in place.items():
        parts += box(name, x, y, WIDTH)
    return parts, width, height


def box(name: str, x: float, y: float, width: float) -> Iterator[str]:
    yield f'<rect class="subject" x="{x:g}" y="{y:g}" width="{width:g}" height="{HEIGHT}" rx="4"/>'
    yield f'<text x="{x + width / 2:g}" y="{y + 17:g}">{name}</text>'


def drawing() -> str:
    """The whole picture as SVG."""
    top, left = 20.0, 20.0
    parts: list[str] = []
    spans: dict[str, tuple[float, float]] = {}
    tallest = 0.0
    for row in reversed(services().values()):
        title = f"klima_{row.name}"
        drawn, width, height = column(row.name, title, left, top)
        parts += drawn
        spans[row.name] = (left, width)
        left += width + 90
        tallest = max(tallest, height)
    right = left - 90
    for row in services().values():
        for number, other in enumerate(row.reads):
            (x, width), (target, target_width) = spans[row.name], spans[other]
            near = x + width + 90 >= target
            y = top + 14 + 12 * number
            if near:
                line = f"M{x + width:g} {y:g}H{target - 4:g}"
            else:
                a, b = x + width / 2, target + target_width / 2
                line = f"M{a:g} {top:g}C{a:g} 0 {b:g} 0 {b:g} {top - 3:g}"
            parts.append(f'<path class="http" d="{line}"/>')
    parts.append(f'<text class="note" x="{right / 2:g}" y="{top + tallest + 24:g}">')
    parts[-1] += "orange: asks over HTTP · blue: imports · everything above imports what is shared"
    parts[-1] += "</text>"
    rooms = sorted(
        {m.inner[0] for m in source.modules().values() if m.name[:13] == "klima_shared."}
    )
    rooms = [room for room in rooms if (source.ROOT / "shared/src/klima_shared" / room).is_dir()]
    y = top + tallest + 44
    wide = (right - 20 - 2 * PAD + GAP_X) / len(rooms)
    parts.append(
        f'<rect class="room" x="20" y="{y:g}" width="{right - 20:g}" height="92" rx="8"/>'
        f'<text class="title" x="{(right + 20) / 2:g}" y="{y + 22:g}">klima_shared</text>'
    )
    for number, room in enumerate(rooms):
        parts += box(room, 20 + PAD + number * wide, y + 44, wide - GAP_X)
    tips = "".join(
        f'<marker id="{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"'
        f' orient="auto"><path d="M0 0L8 4L0 8z" fill="{colour}"/></marker>'
        for name, colour in (("tip", "#33648c"), ("tip-http", "#a34a00"))
    )
    size = f"{right + 20:g} {y + 112:g}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" role="img">'
        "<title>The services with their subjects, and what they share</title>"
        f"<style>{STYLE}</style><defs>{tips}</defs>\n" + "\n".join(parts) + "\n</svg>\n"
    )


if __name__ == "__main__":
    TARGET.write_text(drawing(), encoding="utf-8")
