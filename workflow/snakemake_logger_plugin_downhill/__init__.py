"""Snakemake's option `--logger downhill`: one line of progress instead of a listing of all jobs.

Snakemake finds the plugin by the name of this package, and imports it in every process, even where it is not used: so
only what Snakemake has imported anyway is imported here.
"""

import logging
from contextlib import suppress
from typing import Any

from snakemake_interface_logger_plugins.base import LogHandlerBase


class LogHandler(LogHandlerBase):
    """Shows Snakemake's events with `downhill.progress`.

    Where a user asks for Snakemake's own output (a dry run, or one with `--printshellcmds`, `--verbose`, `--debug-dag`
    or `--quiet`), it is what they get.
    """

    def __post_init__(self) -> None:
        from snakemake_logger_plugin_downhill.events import Events, own_output

        self._own = own_output(self.common_settings)
        self._events = None if self._own else Events(colours=not self.common_settings.nocolor)

    def emit(self, record: logging.LogRecord) -> None:
        """Show one event."""
        with suppress(OSError, ValueError):  # the stream is closed, as after `| head`; the run goes on
            if self._own is not None:
                self._own.handle(record)
            elif self._events is not None:
                self._events.show(record)

    def close(self) -> None:
        """Show how the run ended."""
        # While settings are checked, Python may call it before `__post_init__` has finished.
        events: Any = getattr(self, "_events", None)
        if events is not None:
            events.close()
        super().close()

    @property
    def writes_to_stream(self) -> bool:
        """It replaces Snakemake's own output."""
        return True

    @property
    def writes_to_file(self) -> bool:
        """Snakemake still writes its full log to a file of its own."""
        return False

    @property
    def has_filter(self) -> bool:
        """It decides itself what to show, whatever the profile says for Snakemake's own output."""
        return True

    @property
    def has_formatter(self) -> bool:
        """It writes its own words."""
        return True

    @property
    def needs_rulegraph(self) -> bool:
        """No."""
        return False
