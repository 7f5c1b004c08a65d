"""The catalogue under each release in use: which shelf of a user is made, and which one is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tryon.core.errors import StoreError
from tryon.core.recipes import Input
from tryon.core.records import Verdict
from tryon.core.releases import Release
from tryon.core.uploads import Item, User
from tryon.core.wanted import Product, Shelf, Wanted


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

    def shown_crops(self, users: Iterable[User]) -> list[Product]:
        """Under each release that somebody is shown; without users under the current one."""
        return self._crops([self.shown(user) for user in users])

    def crops_in_use(self, users: Sequence[User]) -> list[Product]:
        """Under each release that somebody is shown or has made."""
        return self._crops([release for user in users for release in (self.shown(user), self.target(user))])

    def in_use(self, user: User) -> list[Product]:
        """All of the user's products that are shown or made."""
        releases = {release.id: release for release in (self.shown(user), self.target(user))}
        shelves = [Shelf(self.under(release), user, {}) for release in releases.values()]
        return [product for shelf in shelves for product in shelf.everything()]

    def _crops(self, releases: Sequence[Release]) -> list[Product]:
        wanted = {release.id: self.under(release) for release in releases or [self.current]}
        return [crop for each in wanted.values() for item in self.items for crop in each.crops(item)]

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
