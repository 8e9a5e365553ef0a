"""Every endpoint, in one table: address, who may call it, what goes in and out."""

from portal.api import app_passwords, models, reading, users
from portal.api.call import Endpoint
from store.portal.tokens import TokenRole

_SELF, _AUDITOR = TokenRole.SELF_SERVICE, TokenRole.AUDITOR
_DESK, _ADMINISTRATOR = TokenRole.HELP_DESK, TokenRole.ADMINISTRATOR
_RULES = frozenset({_ADMINISTRATOR})
_HELPS = frozenset({_DESK, _ADMINISTRATOR})
_LOOKS = frozenset({_AUDITOR, _DESK, _ADMINISTRATOR})
_ALL = frozenset(TokenRole)
_USER = "/users/{login}"
_HELD = "/users/{login}/app-passwords"

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("GET", "/health", "Whether the store answers", _ALL, reading.health, models.Health),
    Endpoint(
        *("GET", "/users", "List users, or find them", _LOOKS, users.list_users, models.UserList),
        query=models.UserQuery,
    ),
    Endpoint(
        *("POST", "/users", "Add a user", _RULES, users.add, models.UserDetail),
        takes=models.NewUser,
        status=201,
    ),
    Endpoint("GET", _USER, "Show a user", _ALL, users.show, models.UserDetail),
    Endpoint(
        *("PATCH", _USER, "Set state, grace or block", _HELPS, users.change, models.UserDetail),
        takes=models.UserChange,
    ),
    Endpoint("DELETE", _USER, "Delete a user", _RULES, users.delete, None, status=204),
    Endpoint("GET", _HELD, "List app passwords", _ALL, app_passwords.list_all, models.AppPasswordList),
    Endpoint(
        "POST",
        _HELD,
        "Create an app password",
        frozenset({_SELF}),
        app_passwords.create,
        models.CreatedAppPassword,
        takes=models.NewAppPassword,
        status=201,
    ),
    Endpoint(
        "DELETE",
        _HELD,
        "Delete all app passwords",
        _HELPS | {_SELF},
        app_passwords.delete_all,
        models.Deleted,
    ),
    Endpoint(
        "PATCH",
        _HELD + "/{id}",
        "Rename an app password",
        frozenset({_SELF}),
        app_passwords.rename,
        models.AppPasswordRow,
        takes=models.Renaming,
    ),
    Endpoint(
        "DELETE",
        _HELD + "/{id}",
        "Delete an app password",
        _HELPS | {_SELF},
        app_passwords.delete,
        None,
        status=204,
    ),
    Endpoint(
        "GET",
        _USER + "/refusals",
        "List which devices are refused, and why",
        _ALL,
        reading.refusals,
        models.RefusalList,
    ),
    Endpoint(
        *("GET", "/audit", "Read the audit trail", _LOOKS, reading.audit_trail, models.AuditList),
        query=models.AuditQuery,
    ),
)
