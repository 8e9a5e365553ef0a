"""Kinds of values on the command line. Each says how to write it when it can't be understood."""

import re
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

import click

from config import Network, parse_network

_UNITS = {"d": 1, "w": 7, "y": 365}
_LONGEST = timedelta(days=100 * _UNITS["y"])
_LONGEST_LINE = 255


class Duration(click.ParamType[timedelta]):
    """Days, weeks or years, up to 100 years."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        match = re.fullmatch(r"([1-9][0-9]{0,5})([dwy])", str(value))
        duration = timedelta(days=int(match[1]) * _UNITS[match[2]]) if match else None
        if duration is None or duration > _LONGEST:
            self.fail(
                f'"{value}" is not a time; write days, weeks or years as in 90d, 12w or 1y, up to 100y.',
                param,
                ctx,
            )
        return duration


class Moment(click.ParamType[datetime]):
    """A time, in UTC where it names no zone; `to_come` refuses one that is over."""

    name = "date"

    def __init__(self, *, to_come: bool = True) -> None:
        self._to_come = to_come

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
            moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            self.fail(
                f'"{value}" is not a date; write it as in 2027-01-31 or 2027-01-31T18:00 (UTC).', param, ctx
            )
        if self._to_come and moment <= datetime.now(UTC):
            self.fail(f'"{value}" is in the past; give a time to come.', param, ctx)
        return moment


class NetworkOption(click.ParamType[Network]):
    """A network, with all host bits zero."""

    name = "cidr"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Network:
        try:
            return parse_network(str(value))
        except ValueError:
            self.fail(
                f'"{value}" is not a network; write it as in 192.0.2.0/24 or 2001:db8::/32.', param, ctx
            )


class AddressOption(click.ParamType[IPv4Address | IPv6Address]):
    """One IP address."""

    name = "address"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> IPv4Address | IPv6Address:
        try:
            return ip_address(str(value))
        except ValueError:
            self.fail(f'"{value}" is not an IP address; write it as in 192.0.2.7 or 2001:db8::7.', param, ctx)


class OneLine(click.ParamType[str]):
    """Text that prints on one line."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        if not text.strip() or not text.isprintable() or len(text) > _LONGEST_LINE:
            self.fail(
                f"it has to be 1 to {_LONGEST_LINE} characters long, without control characters.", param, ctx
            )
        return text
