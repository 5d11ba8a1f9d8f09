"""`pgparity cutover --rehearse`: the cutover and its rollback on local servers, with a load running."""

from __future__ import annotations

from pathlib import Path

from harness.cli.console import ProgressBars, nothing_else_on_stdout, put, put_text, say
from harness.core.record import Side
from harness.project import Project, endpoint
from harness.render.cutover_rehearsal import rehearsal_lines
from harness.render.secrets import blotted
from harness.stages.learned import RunRequest
from harness.stages.run_folders import replace_file

WRITES_PER_SECOND = 50.0


def rehearse(
    project: Project,
    *,
    source: str | None,
    target: str | None,
    writes_per_second: float | None,
    as_json: bool,
    output: Path | None,
    report_dir: Path | None,
    no_progress: bool,
    quiet: bool,
) -> int:
    """Rehearse with the reference application; with copies of both databases where one of them was given."""
    # What rehearses loads the whole application, its data layers and the gateway: the cutover itself needs none of it.
    from harness.stages.cutover.rehearse_copies import rehearse_copies
    from harness.stages.cutover.rehearse_reference import rehearse_reference

    with nothing_else_on_stdout(), ProgressBars(enabled=not no_progress, quiet=quiet) as bars:
        if source is None and target is None:
            each_second = writes_per_second or WRITES_PER_SECOND
            record = rehearse_reference(bars, writes_per_second=each_second, report=report_dir)
        else:
            request = RunRequest(
                configuration=project.configuration,
                base=project.base,
                source=endpoint(project, Side.SOURCE, source),
                target=endpoint(project, Side.TARGET, target),
            )
            record = rehearse_copies(request, bars, report=report_dir)
    text, data = blotted("\n".join(rehearsal_lines(record))), blotted(record.to_json(indent=2))
    if as_json:
        put(data, output)
    else:
        put_text(lambda console, _: console.print(text, markup=False, highlight=False, soft_wrap=True), output)
    if report_dir is not None:
        replace_file(report_dir / "rehearsal.json", data)
        replace_file(report_dir / "rehearsal.txt", f"{text}\n")
        if not quiet:
            say(f"report: {report_dir / 'report.html'}, and rehearsal.txt, rehearsal.json beside it")
    return record.exit_code
