"""The picture of the playground in the README, taken from a finished study.

python -m tests.page.picture              with results/playground.html
"""

import io
import sys
from pathlib import Path
from typing import Any

from tests.page.browser import running, why_not

HERE = Path(__file__).parents[2]
PICTURE = HERE / "docs" / "playground.png"
WIDTH = 1100  # of the window, in pixels


def taken(browser: Any, playground: Path) -> bytes:
    """A PNG image of the sample digit 3 and the lesson's network; the same page and browser give the same bytes."""
    from PIL import Image

    context = browser.new_context(viewport={"width": WIDTH, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.goto(playground.as_uri())
    page.get_by_role("button", name="Sample 3").click()
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement.blur()")
    first, last = (page.locator(one).bounding_box() for one in (".choice", ".key"))
    margin = 12
    picture = page.screenshot(
        full_page=True,
        clip={
            "x": 0,
            "y": first["y"] - margin,
            "width": WIDTH,
            "height": last["y"] + last["height"] - first["y"] + 2 * margin,
        },
    )
    context.close()
    file = io.BytesIO()  # with a palette, which makes it a third as large
    Image.open(io.BytesIO(picture)).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(
        file, "png", optimize=True
    )
    return file.getvalue()


def main() -> int:
    """Take the picture; returns the exit status."""
    playground = HERE / "results" / "playground.html"
    if not playground.is_file():
        print(f"{playground} does not exist; run `make` first", file=sys.stderr)
        return 1
    if missing := why_not():
        print(missing, file=sys.stderr)
        return 1
    with running() as browser:
        PICTURE.write_bytes(taken(browser, playground))
    return 0


if __name__ == "__main__":
    sys.exit(main())
