"""Settings that cannot work stop a command at once, by the name of their variable."""

from __future__ import annotations

import pytest

from fashion_assets.commands.opening import read_settings
from tryon.core.errors import InvalidSetting


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
