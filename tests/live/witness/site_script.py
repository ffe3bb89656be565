"""A site's own AGI script from before our time: synchronous, written with pyst2 0.5.1.

It plays `menu`, waits for a key and plays the file of that name, until the caller presses 9. Its one argument is the
folder of the sound files; what was pressed is left there in `pressed`.
"""

import sys
from pathlib import Path

from asterisk.agi import AGI  # type: ignore[import-untyped]


def main() -> None:
    sounds = Path(sys.argv[1])
    agi = AGI()
    agi.verbose(f"the site's own script serves {agi.env['agi_callerid']} on {agi.env['agi_extension']}")
    pressed = ""
    key = "menu"
    while key != "9":
        if key in ("1", "2"):
            pressed += key
            agi.set_variable("SITE_PRESSED", pressed)
            (sounds / "pressed").write_text(agi.get_variable("SITE_PRESSED"))
        key = agi.stream_file(str(sounds / key), "129") or agi.wait_for_digit(10_000)
    agi.hangup()


if __name__ == "__main__":
    main()
