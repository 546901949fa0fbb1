"""Settings: declared once, read strictly, shown without secrets."""

from __future__ import annotations

import io

import pytest

from wildside import settings as settings_module
from wildside.domain.errors import Invalid
from wildside.inbound.cli import settings as settings_command
from wildside.settings import (
    Mode,
    Setting,
    Settings,
    declared,
    field_names,
    gather,
    misspelt,
    parse,
    unflagged,
)

DEVELOPMENT = {"APP_ENV": "development"}


def faults_of(environ: dict[str, str], **flags: str) -> dict[str, str]:
    """What is wrong, by setting."""
    with pytest.raises(Invalid) as refused:
        parse(gather(environ, flags))
    return {fault.field: fault.message for fault in refused.value.faults}


def parsed(environ: dict[str, str], **flags: str) -> Settings:
    """The settings of a start."""
    return parse(gather(environ, flags))


def test_the_file_declares_just_what_the_program_reads() -> None:
    """Every setting with a default and a reason, and none that nobody reads."""
    assert set(declared()) == field_names()
    for name, table in declared().items():
        assert len(table["why"]) > 20, name
        assert set(table) <= {"default", "why", "secret"}, name


def test_the_defaults_are_the_contract_s() -> None:
    """127.0.0.1:8080, production, a key from the usual place."""
    settings = parsed({})
    assert (settings.host, settings.port, settings.in_production) == ("127.0.0.1", 8080, True)
    assert str(settings.session_key_file) == "/var/run/secrets/session_key"
    assert (settings.session_samesite.value, settings.session_cookie_secure) == ("Lax", True)
    assert settings.wildside_mode is Mode.SERVER
    assert settings.metrics_port is None


def test_a_flag_wins_over_the_environment_and_that_over_the_file() -> None:
    """And each is named as the source."""
    rows = {row.name: row for row in gather({"PORT": "1", "HOST": "::1"}, {"PORT": "0"})}
    assert (rows["PORT"].text, rows["PORT"].source) == ("0", "command line")
    assert (rows["HOST"].text, rows["HOST"].source) == ("::1", "environment")
    assert rows["APP_ENV"].source == "default"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PORT", "eighty"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "٨٠"),
        ("METRICS_PORT", "x"),
        ("APP_ENV", "staging"),
        ("WILDSIDE_MODE", "both"),
        ("SESSION_COOKIE_SECURE", "yes"),
        ("SESSION_SAMESITE", "lax"),
        ("ALLOWED_ORIGINS", "https://a.example/path"),
        ("ALLOWED_ORIGINS", "a.example"),
        ("ASSETS_ORIGIN", "ftp://a.example"),
        ("TRUSTED_PROXIES", "10.0.0.0/8,proxy"),
        ("HEARTBEAT_SECONDS", "nan"),
        ("JOB_SECONDS", "0"),
        ("LOG_LEVEL", "chatty"),
        ("HOST", ""),
        ("SESSION_KEY_FILE", ""),
        ("SESSION_COOKIE_DOMAIN", "walks.example; Secure"),
        ("SESSION_COOKIE_DOMAIN", ".walks.example"),
        ("TILE_TOKEN_AUD", "two words"),
        ("TILE_TOKEN_ISS", ""),
        ("LOGINS_PER_MINUTE", "0"),
        ("FEATURES", "a b"),
    ],
)
def test_what_cannot_be_read_aborts_with_one_line(name: str, text: str) -> None:
    """Which setting, what it says, where that comes from, what it must be."""
    (message,) = faults_of({name: text}).values()
    assert message.startswith(f"{name}={text!r} (environment) must be ")
    assert "\n" not in message


def test_every_fault_is_told_at_once() -> None:
    """Nobody repairs a deployment one restart at a time."""
    assert set(faults_of({"PORT": "x", "APP_ENV": "y"})) == {"PORT", "APP_ENV"}


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"SESSION_ALLOW_EPHEMERAL": "1"}, "SESSION_ALLOW_EPHEMERAL"),
        ({"SESSION_SAMESITE": "None", "SESSION_COOKIE_SECURE": "0"}, "SESSION_SAMESITE"),
        ({"WILDSIDE_MODE": "worker"}, "REDIS_URL"),
        ({"REDIS_URL": "http://localhost"}, "REDIS_URL"),
        ({"DATABASE_URL": "mysql://localhost"}, "DATABASE_URL"),
        ({"HEARTBEAT_SECONDS": "10"}, "SILENCE_SECONDS"),
    ],
)
def test_what_contradicts_itself_aborts(environ: dict[str, str], name: str) -> None:
    """One clear line for each."""
    assert list(faults_of(environ)) == [name]


def test_development_allows_what_production_does_not() -> None:
    """A temporary key, a cookie over plain HTTP."""
    settings = parsed(DEVELOPMENT | {"SESSION_ALLOW_EPHEMERAL": "1", "SESSION_COOKIE_SECURE": "0"})
    assert settings.session_allow_ephemeral


def test_lists_are_comma_separated() -> None:
    """With or without blanks."""
    settings = parsed({"ALLOWED_ORIGINS": "https://a.example, https://B.example"})
    assert settings.allowed_origins == ("https://a.example", "https://b.example")


def test_features_that_this_version_does_not_flag_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """They stay switched on, for the next version may have them; a slip is seen all the same."""
    flagged = {"moon-walk": "walks by night", "ferries": "walks across water"}
    monkeypatch.setattr(settings_module, "FLAGGED", flagged)
    switched_on = parsed({"FEATURES": "ferries, moonwalk"}).features
    assert switched_on == ("ferries", "moonwalk")
    assert unflagged(switched_on) == ["moonwalk"]


def test_an_unknown_name_in_the_settings_file_is_refused_with_the_nearest() -> None:
    """Whoever adds a line there wants it to be read."""
    strange = Setting("SESION_KEY_FILE", "/key", "default", "a slip of the pen", secret=False)
    with pytest.raises(Invalid) as refused:
        parse([*gather({}, {}), strange])
    (fault,) = refused.value.faults
    assert fault.message.endswith("did you mean SESSION_KEY_FILE?")


def test_variables_a_letter_away_from_a_setting_are_pointed_out() -> None:
    """What is set by its right name too, and what other programs are told, is left alone."""
    slips = {
        "DATABSE_URL": "DATABASE_URL",
        "WILDSIDE_DATADIR": "WILDSIDE_DATA_DIR",
        "SESSION_KEYFILE": "SESSION_KEY_FILE",
    }
    # Kubernetes sets the WILDSIDE_… ones in every pod beside a service called wildside.
    others = [
        "PATH",
        "HOME",
        "HOSTNAME",
        "LANG",
        "LC_ALL",
        "TMPDIR",
        "PYTHONPATH",
        "REDIS_PORT",
        "REDIS_HOST",
        "DATABASE_HOST",
        "WILDSIDE_PORT",
        "WILDSIDE_SERVICE_HOST",
        "WILDSIDE_SERVICE_PORT",
        "WILDSIDE_PORT_8080_TCP_ADDR",
        "WILDSIDE_TEST_DATA",
        "SESSION_COOKIE_NAME",
        "SESSION_MANAGER",
        "HTTP_PROXY",
        "PORTS",
    ]
    assert misspelt([*slips, *others]) == slips
    assert misspelt(["DATABSE_URL", "DATABASE_URL", *declared()]) == {}


def test_secrets_are_not_shown() -> None:
    """Neither in the list nor in a refusal."""
    out = io.StringIO()
    secret = "redis://:sesame@cache"
    rows = gather({"REDIS_URL": secret, "DATABASE_URL": ""}, {})
    assert settings_command.run(rows, out) == 0
    assert "sesame" not in out.getvalue()
    assert "REDIS_URL=***  (environment)" in out.getvalue()
    assert "sesame" not in str(faults_of({"REDIS_URL": secret.replace("redis:", "http:")}))
