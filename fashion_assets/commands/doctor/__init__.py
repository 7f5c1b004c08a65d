"""`fashion doctor`: everything the pipeline stands on, one line each, with what to do where it fails."""

from __future__ import annotations

from dataclasses import asdict

from fashion_assets.commands.doctor import catalogue, cloud, ground, neural, prices
from fashion_assets.commands.doctor.finding import Check, examine, screen
from fashion_assets.commands.terminal import INCOMPLETE, OK, Terminal
from tryon.settings import Profile, Settings


def doctor(terminal: Terminal, online: bool = False) -> int:
    settings = terminal.settings
    findings = [examine(name, check, settings) for name, check in checks(settings, online).items()]
    well = all(finding.ok for finding in findings)
    terminal.answer({"ok": well, "checks": [asdict(finding) for finding in findings]}, screen(findings))
    return OK if well else INCOMPLETE


def checks(settings: Settings, online: bool = False) -> dict[str, Check]:
    """By name. Of neural engines only what the chosen ones need. The network only when somebody asks for it, but that
    production is checked where it is. Of engines on Modal their apps tell (`modal run`)."""
    kept = catalogue.IN_THE_CLOUD if settings.profile is Profile.PRODUCTION else catalogue.CHECKS
    return {
        **ground.CHECKS,
        **prices.CHECKS,
        **kept,
        **({} if settings.on_modal else neural.checks(settings, online)),
        **cloud.checks(settings),
    }
