"""The catalogue under each release in use: which shelf of a user is made, and which one is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tryon.core.errors import StoreError
from tryon.core.recipes import Input
from tryon.core.records import Verdict
from tryon.core.releases import Release
from tryon.core.uploads import Item, User
from tryon.core.wanted import Shelf, Wanted


class Catalogue:
    """current: the release that the running code makes. known: every confirmed release by its id."""

    def __init__(self, items: Sequence[Item], current: Release, known: Mapping[str, Release]) -> None:
        self.items, self.current = items, current
        self._known = {**known, current.id: current}
        self._wanted: dict[str, Wanted] = {}

    def under(self, release: Release) -> Wanted:
        if release.id not in self._wanted:
            self._wanted[release.id] = Wanted(self.items, release)
        return self._wanted[release.id]

    def target(self, user: User) -> Release:
        """What is made for the user; a user whom no release was confirmed for gets the current one."""
        return self._release(user.target)

    def shown(self, user: User) -> Release:
        return self._release(user.shown)

    def confirmed(self, user: User) -> bool:
        """Whether the running code can make the user's target: it may be newer than what was confirmed."""
        return self.target(user).works_like(self.current)

    def targets(self, users: Iterable[User]) -> list[Wanted]:
        """The catalogue under each release that the running code makes for somebody. Without users under the current
        one, so that crops are ready when the first one comes; where nothing is confirmed, under what is wanted."""
        everybody = list(users)
        releases = [self.target(user) for user in everybody if self.confirmed(user)]
        releases = releases or [self.target(user) for user in everybody] or [self.current]
        return [self.under(release) for release in {release.id: release for release in releases}.values()]

    def target_shelf(self, user: User, standings: Mapping[Input, Verdict]) -> Shelf:
        return Shelf(self.under(self.target(user)), user, standings)

    def shown_shelf(self, user: User, standings: Mapping[Input, Verdict]) -> Shelf:
        return Shelf(self.under(self.shown(user)), user, standings)

    def _release(self, release_id: str) -> Release:
        if not release_id:
            return self.current
        if release_id not in self._known:
            raise StoreError(f"the records name release {release_id} but do not hold it; restore a backup")
        return self._known[release_id]
