"""What is only read: refusals, the audit trail, and whether the store answers."""

from portal.api.call import Call
from portal.api.models import AuditList, AuditQuery, AuditRow, Health, Refusal, RefusalList
from portal.trouble.reasons import sentence
from store import audit
from store.refused_logins import list_refused


def refusals(call: Call) -> RefusalList:
    """Devices that were refused as this user."""
    found = list_refused(call.state.database, call.account.user.login)
    return RefusalList(
        refusals=[
            Refusal(
                reason=one.device.reason,
                sentence=sentence(one.device),
                protocol=one.device.protocol,
                client=one.device.client,
                address=one.device.address,
                app_password=one.app_password,
                count=one.times.count,
                first_at=one.times.first,
                last_at=one.times.last,
            )
            for one in found
        ]
    )


def audit_trail(call: Call) -> AuditList:
    """Of the token's domains."""
    query = call.query
    assert isinstance(query, AuditQuery)
    found = audit.entries(
        call.state.database,
        query.login,
        query.limit + 1,
        actor=query.actor,
        action=query.action,
        before=query.before,
        domains=call.token.domains,
    )
    page, more = found[: query.limit], len(found) > query.limit
    rows = [
        AuditRow(id=one.id, at=one.at, actor=one.actor, action=one.action, login=one.login, detail=one.detail)
        for one in page
    ]
    return AuditList(entries=rows, next=page[-1].id if more else None)


def health(call: Call) -> Health:
    """The token was looked up, so the store answers."""
    del call
    return Health(status="ok")
