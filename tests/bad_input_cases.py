"""Every case of bad input in the tests' own tables, each of which can be tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from rdflib import Graph

from depicts_bot.cli import main as depicts_bot
from depicts_bot.opting_out import parse as parse_opt_outs
from depicts_model.cli import main as depicts_model
from depicts_model.errors import DepictsError
from depicts_model.overrides import parse
from depicts_model.settings import Settings
from depicts_model.switch import parse as parse_switch
from depicts_model.switch import unreadable
from depicts_toolforge.app import create_app
from depicts_toolforge.parts import parts_of
from tests.bot import test_cli as bot
from tests.bot import test_named as named
from tests.bot import test_operating as operating
from tests.bot import test_opting_out as opting_out
from tests.gadget import test_deploy_command as deploying
from tests.model import test_commands as model
from tests.model import test_overrides as overrides
from tests.model import test_switch as switches
from tests.model.catalog import test_sparql_command as sparql
from tests.model.catalog.services import Answer, serving
from tests.model.dataset import test_dataset_command as datasets
from tests.model.experiments import test_evaluate_outside as outside
from tests.toolforge import test_gallery_questions as gallery
from tests.toolforge import test_nonsense as api
from tests.toolforge import test_pages_nonsense as pages
from tests.toolforge import test_process as web
from tests.toolforge.conftest import Service, seed
from tests.toolforge.gallery import words_of


@dataclass(frozen=True, slots=True)
class Case:
    """``words`` are what the test looks for; ``tell`` tries it in an empty folder."""

    what: str
    where: str
    words: tuple[str, ...]
    tell: Callable[[Path], str]


def cases() -> list[Case]:
    """Every case of every table."""
    return [
        *_bot(),
        *_operator(),
        *_lists(),
        *_switch(),
        *_opt_outs(),
        *_lists_of_files(),
        *_web(),
        *_model(),
        *_test_sets(),
        *_datasets(),
        *_service(),
        *_api(),
        *_gallery(),
        *_pages(),
        *_deploy(),
    ]


def _bot() -> Iterator[Case]:
    for case in bot.TABLE:
        prepare, words = case.values
        assert callable(prepare) and isinstance(words, list)
        yield Case(str(case.id), "depicts-bot run", tuple(words), partial(_bot_tells, prepare))
    for content, words in _parameters(bot.test_a_bad_file_of_settings):
        shown = "no such file" if content is None else _shown(content)
        where = "depicts-bot run --config settings.toml"
        yield Case(shown, where, tuple(words), partial(_bot_reads, content))


def _shown(content: bytes) -> str:
    try:
        return content.decode().strip()
    except UnicodeDecodeError:
        return f"bytes that are not UTF-8: {content.hex(' ')}"


def _bot_tells(prepare: bot.Prepare, folder: Path) -> str:
    return _line(bot.depicts_bot(folder, prepare(folder)).stderr, folder)


def _bot_reads(content: bytes | None, folder: Path) -> str:
    path = folder / "settings.toml"
    if content is not None:
        path.write_bytes(content)
    return _line(bot.depicts_bot(folder, {}, "--config", str(path)).stderr, folder)


def _lists() -> Iterator[Case]:
    for what, (text, fault) in overrides.REFUSED.items():
        yield Case(what, overrides.PAGE, (fault,), partial(_page_of_lists_tells, text))


def _page_of_lists_tells(text: str, folder: Path) -> str:
    try:
        parse(text, overrides.PAGE)
    except DepictsError as error:
        return f"error: {error}"
    return ""


def _operator() -> Iterator[Case]:
    for what, (arguments, fault) in operating.NONSENSE.items():
        where = " ".join(["depicts-bot", *arguments])
        yield Case(what, where, (fault,), partial(_operator_hears, arguments))


def _operator_hears(arguments: list[str], folder: Path) -> str:
    return _line(operating.command(folder, *arguments).stderr, folder)


def _switch() -> Iterator[Case]:
    for what, (text, fault) in switches.REFUSED.items():
        yield Case(what, switches.PAGE, (fault,), partial(_switch_tells, text))


def _switch_tells(text: str, folder: Path) -> str:
    """It is no error of the bot: it counts as stopped, and this is the reason that is shown."""
    try:
        parse_switch(text, switches.PAGE)
    except DepictsError as error:
        return f"stopped by {unreadable(error).reason}"
    return ""


def _opt_outs() -> Iterator[Case]:
    for what, (text, fault) in opting_out.REFUSED.items():
        yield Case(what, opting_out.PAGE, (fault,), partial(_opt_outs_tell, text))


def _opt_outs_tell(text: str, folder: Path) -> str:
    try:
        parse_opt_outs(text, opting_out.PAGE)
    except DepictsError as error:
        return f"error: {error}"
    return ""


def _lists_of_files() -> Iterator[Case]:
    for what, (content, fault) in named.REFUSED.items():
        where = "depicts-bot run --files list.txt"
        yield Case(what, where, (fault,), partial(_list_tells, content))


def _list_tells(content: bytes, folder: Path) -> str:
    (folder / "list.txt").write_bytes(content)
    command = ["run", "--files", str(folder / "list.txt")]
    return _line(CliRunner().invoke(depicts_bot, command).stderr, folder)


def _web() -> Iterator[Case]:
    for what, (words, environment, said) in web.REFUSED.items():
        tell = partial(_web_refuses, words, environment)
        yield Case(what, " ".join(["depicts-web", *words]), (said,), tell)
    for what, (prepare, expected) in web.UNFIT.items():
        yield Case(what, "depicts-web", tuple(expected), partial(_web_is_unfit, prepare))


def _web_refuses(words: list[str], environment: dict[str, str], folder: Path) -> str:
    return _line(web.run(*words, **environment).stderr, folder)


def _web_is_unfit(prepare: Callable[[Path], dict[str, str]], folder: Path) -> str:
    config = str(web.configured(folder))
    settings = {f"DEPICTS_{key.upper()}": value for key, value in prepare(folder).items()}
    return _line(web.run("--port", "0", "--config", config, **settings).stderr, folder)


def _model() -> Iterator[Case]:
    for arguments, fault in _parameters(model.test_bad_arguments_exit_with_2):
        yield Case(" ".join(arguments), "depicts-model", (fault,), partial(_model_tells, arguments))


def _model_tells(arguments: list[str], folder: Path) -> str:
    return _line(CliRunner().invoke(depicts_model, arguments).stderr, folder)


def _test_sets() -> Iterator[Case]:
    for rows, fault in _parameters(outside.test_a_bad_row_is_named):
        shown = " / ".join(rows) or "a table without rows"
        where = "depicts-model evaluate --test-csv test.csv --images DIR"
        yield Case(shown, where, (fault,), partial(_test_set_tells, rows))


def _test_set_tells(rows: list[str], folder: Path) -> str:
    return _line(outside.judged(folder, rows).stderr, folder)


def _datasets() -> Iterator[Case]:
    for what, (prepare, arguments, fault) in datasets.REFUSED.items():
        where = " ".join(["depicts-model", *arguments]).replace("{}/", "").replace("{}", ".")
        yield Case(what, where, (fault,), partial(_dataset_tells, prepare, arguments))


def _dataset_tells(prepare: Callable[[Path], None], arguments: list[str], folder: Path) -> str:
    prepare(folder)
    return _line(datasets.told(folder, arguments).stderr, folder)


def _service() -> Iterator[Case]:
    for what, (answer, words) in sparql.FAULTS.items():
        where = "depicts-model catalog build --source sparql"
        yield Case(what, where, tuple(words), partial(_service_leads_to, answer))


def _service_leads_to(answer: Answer | str, folder: Path) -> str:
    with serving(Graph()) as service:
        service.judge = lambda query: answer if isinstance(answer, Answer) else None
        url = service.url if isinstance(answer, Answer) else answer
        told = sparql.built(url, folder / "c.sqlite")
        return _line(told.stderr, folder).replace(service.url, "SERVICE")


def _api() -> Iterator[Case]:
    for what, (path, status, words) in api.GETS.items():
        yield Case(what, f"GET {path}", (str(status), words), partial(_api_tells, "GET", path))
    for what, (method, path) in api.METHODS.items():
        tell = partial(_api_tells, method, path)
        yield Case(what, f"{method} {path}", ("405", "method-not-allowed"), tell)
    for what, (make, status, words) in api.BODIES.items():
        tell = partial(_api_tells, "POST", api.WRITE, make=make)
        yield Case(what, f"POST {api.WRITE}", (str(status), words), tell)


def _api_tells(
    method: str, path: str, folder: Path, make: Callable[[str], bytes] | None = None
) -> str:
    with service(folder) as running:
        body = make(running.token(1)) if make else None
        answer = running.client.open(
            path, method=method, data=body, content_type="application/json" if make else None
        )
    problem = answer.get_json(force=True)
    return f"{answer.status_code} {problem['code']}: {problem['detail']}"


def _gallery() -> Iterator[Case]:
    for what, (query, words) in gallery.BAD.items():
        path = f"/gallery?{query}"
        yield Case(what, f"GET {path}", (words,), partial(_page_tells, path))


def _pages() -> Iterator[Case]:
    for what, (path, status, words) in pages.GETS.items():
        tell = partial(_page_tells, path)
        yield Case(what, f"GET {path}", (str(status), words), tell)
    for what, (method, path) in pages.METHODS.items():
        tell = partial(_page_tells, path, method=method)
        yield Case(what, f"{method} {path}", ("405", "not allowed"), tell)


def _page_tells(path: str, folder: Path, method: str = "GET") -> str:
    """What a browser shows: the sentence, or the heading where that is all."""
    with service(folder) as running:
        answer = running.client.open(path, method=method, headers=pages.BROWSER)
    _, found, rest = answer.text.partition('class="detail">')
    if not found:
        rest = answer.text.partition("<h1>")[2]
    return f"{answer.status_code}: {words_of(rest.partition('</')[0])}"


def _deploy() -> Iterator[Case]:
    for what, (words, settings, fault) in deploying.REFUSED.items():
        where = " ".join(["gadget-js/scripts/deploy", *words])
        yield Case(what, where, (fault,), partial(_deploy_tells, words, settings))


def _deploy_tells(words: list[str], settings: dict[str, str], folder: Path) -> str:
    return _line(deploying.refused(words, settings).stderr, folder)


@contextmanager
def service(folder: Path) -> Iterator[Service]:
    """The app as the tests of the API have it."""
    app = create_app(Settings(wiki_api=bot.NOBODY, database_url=f"sqlite:///{folder}/web.sqlite"))
    parts = parts_of(app)
    made = Service(app, app.test_client(), parts.store, parts.catalog)
    try:
        seed(made)
        yield made
    finally:
        parts.close()


def _parameters(test: Any) -> Sequence[Any]:
    """The rows of a test's ``parametrize``."""
    (mark,) = (one for one in test.pytestmark if one.name == "parametrize")
    found: Sequence[Any] = mark.args[1]
    return found


def _line(errors: str, folder: Path) -> str:
    """The last line, which is the message; the folder of this try is nobody's business."""
    return errors.strip().splitlines()[-1].replace(str(folder), "FOLDER")
