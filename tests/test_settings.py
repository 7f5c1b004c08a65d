"""Settings that cannot work stop a command at once, by the name of their variable."""

from __future__ import annotations

import pytest

from fashion_assets.commands.opening import read_settings
from tests.production import NOWHERE
from tryon.core.errors import InvalidSetting
from tryon.settings import NEEDED, Profile, variable


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("FASHION_STEPS", "0", "FASHION_STEPS='0': Input should be greater"),
        ("FASHION_ORDER", "inside-out", "FASHION_ORDER='inside-out': Input should be 'untucked' or"),
        (
            "OPENAI_BASE_URL",
            "example.com/v1",
            "OPENAI_BASE_URL='example.com/v1': it must be an address such as",
        ),
        ("HF_ENDPOINT", "ftp://mirror", "HF_ENDPOINT='ftp://mirror': it must be an address such as"),
        ("SHARP_CHECKPOINT", "https://host/a.pt", "an address needs the file's digest behind it: #sha256="),
        ("SHARP_CHECKPOINT", "https://host/a.pt?x=1#sha256=0", "must be a file's address without a query"),
        ("SHARP_CHECKPOINT", "ftp://host/a.pt#sha256=0", "must be a file's address without a query"),
        ("FASHION_DRESER", "warp", "there is no setting FASHION_DRESER; is FASHION_DRESSER meant?"),
        ("FASHION_XYZ", "1", "there is no setting FASHION_XYZ$"),
        ("FASHION_BUDGET_DAY", "5", "need FASHION_USD_PER_SECOND"),
    ],
)
def test_what_cannot_work_is_named(
    variable: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(InvalidSetting, match=said.replace("?", "[?]")):
        read_settings(None)


def test_a_setting_is_read_whatever_its_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("fashion_steps", "7")
    assert read_settings(None).steps == 7


# The production profile


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in NOWHERE.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_the_production_profile_reads_each_variable_by_its_name(production: pytest.MonkeyPatch) -> None:
    settings = read_settings(None)
    assert (settings.profile, settings.google_project) == (Profile.PRODUCTION, "shop")
    assert settings.supabase_url == NOWHERE["NEXT_PUBLIC_SUPABASE_URL"]
    secrets = {
        "SUPABASE_SERVICE_ROLE_KEY": settings.supabase_key,
        "NEXT_PUBLIC_SUPABASE_ANON_KEY": settings.supabase_anon_key,
        "CLOUDINARY_URL": settings.cloudinary_url,
        "FASHION_RECEIPT_KEY": settings.receipt_key,
        "OPENAI_API_KEY": settings.openai_api_key,
    }
    assert {name: secret.get_secret_value() for name, secret in secrets.items() if secret} == {
        name: NOWHERE[name] for name in secrets
    }
    assert not [name for name in secrets if NOWHERE[name] in repr(settings)]


@pytest.mark.parametrize("name", [variable(name) for name in NEEDED])
def test_a_missing_variable_stops_the_production_profile(name: str, production: pytest.MonkeyPatch) -> None:
    for value in ("", "  "):
        production.setenv(name, value)
        with pytest.raises(InvalidSetting, match=f"^FASHION_PROFILE=production needs {name}; set it"):
            read_settings(None)
    production.delenv(name)
    with pytest.raises(InvalidSetting, match=f"needs {name}; set it"):
        read_settings(None)


def test_a_wrong_name_of_an_app_stops_what_would_call_it(production: pytest.MonkeyPatch) -> None:
    production.setenv("FASHION_TRYON_APP", "")
    with pytest.raises(InvalidSetting, match=r"^FASHION_TRYON_APP='': an app's name has"):
        read_settings(None)
    production.setenv("FASHION_COMPUTE", "in-process")
    read_settings(None)


def test_a_key_of_receipts_that_is_too_short_is_told_and_not_shown(production: pytest.MonkeyPatch) -> None:
    """Not only when the first person asks to be erased."""
    production.setenv("FASHION_RECEIPT_KEY", "swordfish")
    with pytest.raises(
        InvalidSetting, match=r"^FASHION_RECEIPT_KEY: it is shorter than 16 characters"
    ) as caught:
        read_settings(None)
    assert "swordfish" not in str(caught.value)


def test_all_missing_variables_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NOWHERE:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FASHION_PROFILE", "production")
    with pytest.raises(InvalidSetting) as caught:
        read_settings(None)
    needed = {name for name in NOWHERE if name not in ("FASHION_PROFILE", "NEXT_PUBLIC_SUPABASE_ANON_KEY")}
    assert {name for name in NOWHERE if f"{name}," in str(caught.value).replace(";", ",")} == needed


def test_a_variable_is_needed_only_by_what_reads_it(production: pytest.MonkeyPatch) -> None:
    production.delenv("OPENAI_API_KEY")
    production.setenv("FASHION_ANALYZER", "declared")
    assert read_settings(None).openai_api_key is None
    for name in NOWHERE:
        production.delenv(name, raising=False)
    assert read_settings(None).profile is Profile.SAMPLE
