"""Every output of a run, each rendered from its RunDocument alone (see formats.FORMATS)."""
