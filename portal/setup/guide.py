"""What a guide to a program is made of."""

from dataclasses import dataclass

from portal.languages import marked

THE_APP_PASSWORD = marked("your app password")


@dataclass(frozen=True, slots=True)
class Field:
    """One field, named as the program names it. `copied` is worth a button."""

    label: str
    value: str
    copied: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that stand together on one page of the program."""

    heading: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Guide:
    """One program. `way` leads to the fields; `commands` are for those who have no fields."""

    slug: str
    title: str
    way: str
    groups: tuple[Group, ...] = ()
    commands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose app password it is: the user name, and the e-mail address."""

    login: str
    address: str
