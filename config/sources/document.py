"""Values from several sources, merged into one tree, each with its origin."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from config.key import Key, dotted, is_list_of_tables, paths
from config.problem import Problem


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value was set. Relative paths in it start at `folder`."""

    source: str
    folder: Path
    line: int | None = None

    def __str__(self) -> str:
        return self.source if self.line is None else f"{self.source}:{self.line}"


@dataclass(slots=True)
class Document:
    """`values` is shaped like the file; `origins` knows every table, key and item of a list in it.

    `main` is the file that was named. `found` is what is wrong so far, with the place where it stands.
    """

    main: Origin
    values: dict[str, Any] = field(default_factory=dict)
    origins: dict[Key, Origin] = field(default_factory=dict)
    found: list[tuple[Origin, Problem]] = field(default_factory=list)

    def merge(self, values: Mapping[str, Any], origins: Mapping[Key, Origin]) -> None:
        """Tables merge, lists of tables are joined, everything else is replaced."""
        self._merge_table(self.values, values, ((), ()), origins)

    def place(self, key: Key, value: Any, origin: Origin) -> None:
        """Set one value, in new tables where there are none; raise KeyError where something else stands."""
        table: Any = self.values
        for depth, part in enumerate(key[:-1], start=1):
            table = table.setdefault(part, {}) if isinstance(part, str) else table[part]
            if not isinstance(table, dict if isinstance(key[depth], str) else list):
                raise KeyError(dotted(key[:depth]))
            self.origins.setdefault(key[:depth], origin)
        self._forget(table.get(key[-1]), key)
        table[key[-1]] = value
        self.origins[key] = origin

    def origin(self, key: Key) -> Origin:
        """Of the value, or of the nearest table around it."""
        while key and key not in self.origins:
            key = key[:-1]
        return self.origins.get(key, self.main)

    def complain(self, key: Key, sentence: str, origin: Origin | None = None) -> None:
        """Remember what is wrong with a value."""
        place = origin or self.origin(key)
        self.found.append((place, Problem(str(place), dotted(key), sentence)))

    def problems(self) -> list[Problem]:
        """What is wrong, each thing once: the main file first, in the order of its lines."""
        ordered = sorted(self.found, key=lambda found: self._rank(found[0]))
        return list(dict.fromkeys(problem for _, problem in ordered))

    def _rank(self, origin: Origin) -> tuple[bool, str, int]:
        return origin.source != self.main.source, origin.source, origin.line or 0

    def _merge_table(
        self,
        target: dict[str, Any],
        source: Mapping[str, Any],
        keys: tuple[Key, Key],
        origins: Mapping[Key, Origin],
    ) -> None:
        """`keys` are the paths of the target here and of the source in its own file."""
        for name, value in source.items():
            here, there = (*keys[0], name), (*keys[1], name)
            old = target.get(name)
            if isinstance(old, dict) and isinstance(value, dict):
                self._merge_table(old, value, (here, there), origins)
            elif is_list_of_tables(old) and is_list_of_tables(value):
                self._join(target[name], value, (here, there), origins)
            else:
                self._forget(old, here)
                target[name] = value
                self._adopt(value, here, there, origins)

    def _join(
        self, items: list[Any], more: list[Any], keys: tuple[Key, Key], origins: Mapping[Key, Origin]
    ) -> None:
        for index, item in enumerate(more):
            self._adopt(item, (*keys[0], len(items)), (*keys[1], index), origins)
            items.append(item)

    def _adopt(self, value: Any, here: Key, there: Key, origins: Mapping[Key, Origin]) -> None:
        for path in paths(value):
            if there + path in origins:
                self.origins[here + path] = origins[there + path]

    def _forget(self, value: Any, here: Key) -> None:
        for path in paths(value, here):
            self.origins.pop(path, None)
