"""`pgparity init`: asks what a project is about, or is told by flags, and writes one that runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from harness.cli.app import app
from harness.cli.console import say
from harness.cli.questions import FACTORY, NAMED, Questions, asked_layers, hosted
from harness.core.new_project import Answers, ContinuousIntegration, RowsAre, pipeline_file, project_file, variable
from harness.errors import ConfigurationError
from harness.shipped import shipped


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="[FOLDER]", help="Where to write the project.")] = Path(),
    source: Annotated[
        str | None,
        typer.Option("--source", metavar="env:NAME", help="Variable with the source's DSN, or service=NAME."),
    ] = None,
    target: Annotated[str | None, typer.Option("--target", metavar="env:NAME", help="The same for the target.")] = None,
    schema: Annotated[
        list[str] | None, typer.Option("--schema", metavar="NAME", help="Compare this schema; default: public.")
    ] = None,
    supabase: Annotated[
        bool | None,
        typer.Option("--supabase/--no-supabase", help="The source is a Supabase project: leave out what it manages."),
    ] = None,
    migrate: Annotated[
        RowsAre | None,
        typer.Option("--migrate", help="Rows: moved when somebody says yes, in every run, or by another tool."),
    ] = None,
    source_layer: Annotated[
        str | None, typer.Option("--source-layer", metavar="MODULE:FACTORY", help="The data layer on the source.")
    ] = None,
    target_layer: Annotated[
        str | None, typer.Option("--target-layer", metavar="MODULE:FACTORY", help="The data layer on the target.")
    ] = None,
    source_command: Annotated[
        str | None, typer.Option("--source-command", metavar="COMMAND", help="A program in its place: JSON-RPC.")
    ] = None,
    target_command: Annotated[
        str | None, typer.Option("--target-command", metavar="COMMAND", help="The same for the target.")
    ] = None,
    without_methods: Annotated[
        str | None,
        typer.Option("--without-methods", metavar="REASON", help="No data layer is compared; the report says why."),
    ] = None,
    ci: Annotated[
        ContinuousIntegration | None, typer.Option("--ci", help="Write a pipeline for it; default: none.")
    ] = None,
    no_input: Annotated[
        bool, typer.Option("--no-input", "--yes", help="Ask nothing: what no flag says is the default.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that are there.")] = False,
) -> int:
    """Write a project that runs: pgparity.toml, comparisons/, reports/ and a pipeline, from questions or flags.

    At a terminal it asks what no flag says. No DSN is written: a file names the variable that holds it.

    Example: pgparity init --supabase --source-layer app.old:create --target-layer app.new:create --ci github
    """
    _refuse_bad(source, target, source_layer, target_layer)
    if not force:
        _refuse_existing(folder, [Path("pgparity.toml")])
    asks = not no_input and sys.stdin.isatty() and sys.stderr.isatty()
    ask = Questions(asks)
    if asks:
        say("A new project. Enter takes what stands in brackets; nothing is written before the last answer.\n")
    source = source or ask.variable("Variable that holds the source's DSN", "source")
    target = target or ask.variable("Variable that holds the target's DSN", "target")
    supabase = ask.whether("Is the source a Supabase project?", False) if supabase is None else supabase
    schemas = tuple(schema or ask.several("Schemas", "public"))
    if migrate is None:
        text = "Move rows in a run; never: another tool does"
        migrate = RowsAre(ask.one_of(text, RowsAre, RowsAre.ASKED))
    if not any((source_layer, target_layer, source_command, target_command, without_methods)):
        source_layer, target_layer, without_methods = asked_layers(ask)
    if ci is None:
        ci = ContinuousIntegration(
            ask.one_of("Pipeline", ContinuousIntegration, hosted(folder) if asks else ContinuousIntegration.NONE)
        )
    answers = Answers(
        source=source,
        target=target,
        schemas=schemas,
        supabase=supabase,
        migrate=migrate,
        source_layer=source_layer or "",
        target_layer=target_layer or "",
        source_command=source_command or "",
        target_command=target_command or "",
        without_methods=without_methods or "",
        ci=ci,
    )
    _refuse_half(answers)
    files = _files(answers, folder)
    if not force:
        _refuse_existing(folder, files)
    _write(folder, files)
    _say_next(folder, answers, files)
    return 0


def _refuse_bad(source: str | None, target: str | None, source_layer: str | None, target_layer: str | None) -> None:
    for option, dsn in (("--source", source), ("--target", target)):
        if dsn is not None and not NAMED.match(dsn):
            raise ConfigurationError(
                f"{option} is neither env:NAME nor service=NAME",
                hint="A DSN with a password belongs in no file: export it as a variable, and give env: and its name.",
            )
    for option, factory in (("--source-layer", source_layer), ("--target-layer", target_layer)):
        if factory is not None and not FACTORY.match(factory):
            raise ConfigurationError(
                f"{option} {factory} is not module:factory", hint="As in app.supabase_layer:create."
            )


def _refuse_half(answers: Answers) -> None:
    """One data layer, two of one side, or one that is not to be compared."""
    given = {
        "source": _given("source", answers.source_layer, answers.source_command),
        "target": _given("target", answers.target_layer, answers.target_command),
    }
    for side, other in (("source", "target"), ("target", "source")):
        if len(given[side]) > 1:
            raise ConfigurationError(f"{' and '.join(given[side])} exclude each other", hint="Give one of them.")
        if given[side] and not given[other]:
            raise ConfigurationError(
                f"{given[side][0]} is given, and no data layer of the {other}",
                hint=f"Give --{other}-layer or --{other}-command: two data layers are compared.",
            )
    if answers.without_methods and given["source"]:
        raise ConfigurationError(
            f"--without-methods and {given['source'][0]} exclude each other", hint="Give one of them."
        )


def _given(side: str, layer: str, command: str) -> list[str]:
    """The flags that were given of a side's data layer."""
    return [flag for flag, value in ((f"--{side}-layer", layer), (f"--{side}-command", command)) if value]


def _files(answers: Answers, folder: Path) -> dict[Path, str]:
    """Every file of the project, relative to its folder, and its text."""
    files = {Path("pgparity.toml"): project_file(_template("pgparity.toml"), answers)}
    suite = shipped("comparisons")
    for file in sorted([*suite.glob("*.py"), *suite.glob("*.toml")]):
        files[Path("comparisons", file.name)] = file.read_text(encoding="utf-8")
    files[Path("reports", ".gitignore")] = "runs/\n"
    if answers.ci is ContinuousIntegration.GITHUB:
        files[Path(".github", "workflows", "pgparity.yml")] = pipeline_file(_template("github.yml"), answers)
    elif answers.ci is ContinuousIntegration.GITLAB:
        files[Path(".gitlab", "pgparity.yml")] = pipeline_file(_template("gitlab.yml"), answers)
        if not (folder / ".gitlab-ci.yml").exists():  # a pipeline that is there is not ours to replace
            files[Path(".gitlab-ci.yml")] = _template("gitlab-ci.yml")
    return files


def _template(name: str) -> str:
    return shipped("schemas", "project", name).read_text(encoding="utf-8")


def _refuse_existing(folder: Path, files: dict[Path, str] | list[Path]) -> None:
    there = next((folder / file for file in files if (folder / file).exists()), None)
    if there is not None:
        raise ConfigurationError(
            f"{there} is there already; nothing was written", hint="Choose another folder, or pass --force."
        )


def _write(folder: Path, files: dict[Path, str]) -> None:
    try:
        for file, text in files.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"{folder} cannot be written: {error.strerror}", hint="Choose another folder."
        ) from None


def _say_next(folder: Path, answers: Answers, files: dict[Path, str]) -> None:
    for file in files:
        say(f"wrote {folder / file}")
    if answers.ci is ContinuousIntegration.GITLAB and Path(".gitlab-ci.yml") not in files:
        say("add to .gitlab-ci.yml:  include: [{ local: .gitlab/pgparity.yml }]")
    root = _repository_above(folder)
    if answers.ci is not ContinuousIntegration.NONE and root is not None:
        say(
            f"the pipeline does not run where it is: the repository's root is {root}, and only files there are looked"
            f" at; move it there, and let its commands run in {folder.absolute()}"
        )
    if not answers.compares_methods and not answers.without_methods:
        say("no data layer is named: a run is INCOMPLETE until pgparity.toml names two, or says why there are none")
    named = [variable(side, dsn) for side, dsn in (("source", answers.source), ("target", answers.target))]
    unset = [name for name in named if not os.environ.get(name)]
    steps = [] if folder == Path() else [f"cd {folder}"]
    steps += [f"export {' and '.join(unset)} (DSNs)"] if unset else []
    say(f"next: {', '.join([*steps, '`pgparity doctor`, `pgparity run`'])}")


def _repository_above(folder: Path) -> Path | None:
    """The root of the repository that the folder is in, where it is not the root itself."""
    whole = folder.absolute().resolve()
    return None if (whole / ".git").exists() else next((up for up in whole.parents if (up / ".git").exists()), None)
