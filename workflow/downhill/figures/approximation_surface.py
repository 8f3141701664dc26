"""Drawing a surface with its fits, and their errors as maps."""

from typing import Any

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from downhill.claims.wording import counted
from downhill.figures import style

_LEAST = 1e-4  # the smallest error that a map distinguishes


def draw_surfaces(figure: Figure, found: dict[str, Any]) -> None:
    """The surface and its fits side by side, with a map of the absolute error below each fit."""
    x, y = np.meshgrid(style.array(found["x"]), style.array(found["y"]))
    target, columns = style.array(found["target"]), len(found["fits"]) + 1
    low, high = style.span(target, margin=0.05)
    panels = [("the surface", target)]
    panels += [(counted(one["width"], "unit"), style.array(one["output"])) for one in found["fits"]]
    for place, (title, z) in enumerate(panels):
        ax: Any = figure.add_subplot(2, columns, place + 1, projection="3d")
        look = {"cmap": style.DIVERGING, "vmin": low, "vmax": high, "rcount": len(x), "ccount": len(x)}
        drawn = ax.plot_surface(
            x, y, np.clip(z, low, high), linewidth=0, antialiased=False, rasterized=True, **look
        )
        drawn.set_clip_on(False)  # the panel is enlarged beyond its frame
        ax.set(zlim=(low, high), xticks=(0, 1), yticks=(0, 1), zticks=(0, 1))
        ax.tick_params(labelsize=6, pad=-4)
        for set_label, name in ((ax.set_xlabel, "x"), (ax.set_ylabel, "y"), (ax.set_zlabel, "f")):
            set_label(name, labelpad=-14, size=7)
        ax.view_init(elev=28, azim=-125)
        ax.set_box_aspect((1, 1, 0.95), zoom=1.22)
        ax.set_title(title, size=8.5, loc="center", pad=9)
    errors = [np.maximum(abs(z - target), _LEAST) for _, z in panels[1:]]
    known = [error[np.isfinite(error)].max() for error in errors if np.isfinite(error).any()]
    scale = LogNorm(_LEAST, max([*known, 10 * _LEAST]))
    for place, (one, error) in enumerate(zip(found["fits"], errors, strict=True)):
        ax = figure.add_subplot(2, columns, columns + place + 2)
        image = ax.pcolormesh(
            x, y, error, cmap=style.DIVERGING, norm=scale, shading="gouraud", rasterized=True
        )
        text = "unknown" if one["error"] is None else f"{one['error']:.2g}"
        ax.set_title(f"largest error {text}", size=8.5)
        ax.set(xticks=(0, 1), yticks=(0, 1), xlabel="x", ylabel="y", aspect="equal")
    cell = figure.add_subplot(2, columns, columns + 1)
    cell.set_axis_off()
    bar = figure.colorbar(image, cax=cell.inset_axes((0.72, 0, 0.1, 1)))
    bar.ax.yaxis.set_ticks_position("left")
    bar.ax.yaxis.set_label_position("left")
    bar.set_label("absolute error (log. scale)")
    style.powers_of_ten(bar.ax.yaxis)
