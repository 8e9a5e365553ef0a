"""Every page of the portal, in one table: its address, and what somebody must have done to come there."""

from portal.account import overview
from portal.app_passwords import connected, create, delete, listing, rename, shown_once
from portal.help_desk import acts, audit_log, link, person, policy, search, states
from portal.languages import page as languages
from portal.oidc import pages as oidc
from portal.second_step import authenticator, codes, methods, passkey, passkey_prompt, prompt
from portal.sessions import page as sessions
from portal.setup import autoconfig, autodiscover, profile
from portal.setup import page as setup
from portal.sign_in import sign_in
from portal.tokens import page as tokens
from portal.trouble import page as trouble
from portal.visit import Needs, Page

PAGES: tuple[Page, ...] = (
    Page("/", Needs.SECOND_STEP, get=overview.show),
    Page("/sign-in", Needs.NOTHING, get=sign_in.show, post=sign_in.check, guesses=True),
    Page("/sign-in/oidc", Needs.NOTHING, get=oidc.begin, asks_others=True),
    Page(oidc.CALLBACK, Needs.NOTHING, get=oidc.end, asks_others=True),
    Page("/language", Needs.NOTHING, post=languages.choose),
    Page("/sign-out", Needs.PASSWORD, post=sign_in.sign_out),
    Page("/second-step", Needs.PASSWORD, get=prompt.show, post=prompt.check),
    Page("/second-step/passkey", Needs.PASSWORD, post=passkey_prompt.check),
    Page("/register", Needs.PASSWORD, get=authenticator.choose),
    Page("/register/passkey", Needs.PASSWORD, get=passkey.show, post=passkey.register),
    Page("/register/authenticator", Needs.PASSWORD, get=authenticator.show, post=authenticator.verify),
    Page("/methods", Needs.FRESH_SECOND_STEP, get=methods.show),
    Page("/methods/rename", Needs.FRESH_SECOND_STEP, get=methods.ask_name, post=methods.rename),
    Page("/methods/remove", Needs.FRESH_SECOND_STEP, get=methods.ask, post=methods.remove),
    Page("/recovery-codes", Needs.FRESH_SECOND_STEP, get=codes.show, post=codes.renew),
    Page("/sessions", Needs.SECOND_STEP, get=sessions.show),
    Page("/sessions/end", Needs.SECOND_STEP, post=sessions.end),
    Page("/sessions/end-others", Needs.SECOND_STEP, post=sessions.end_others),
    Page("/app-passwords", Needs.SECOND_STEP, get=listing.show),
    Page("/app-passwords/create", Needs.FRESH_SECOND_STEP, get=create.show, post=create.create),
    Page("/app-passwords/new", Needs.SECOND_STEP, get=shown_once.show),
    Page("/app-passwords/connected", Needs.SECOND_STEP, get=connected.show),
    Page("/app-passwords/connected.json", Needs.SECOND_STEP, get=connected.tell),
    Page("/app-passwords/rename", Needs.SECOND_STEP, get=rename.show, post=rename.rename),
    Page("/app-passwords/delete", Needs.SECOND_STEP, get=delete.ask, post=delete.delete),
    Page("/app-passwords/delete-all", Needs.SECOND_STEP, get=delete.ask_all, post=delete.delete_all),
    Page("/setup", Needs.SECOND_STEP, get=setup.show),
    Page("/setup/mail.mobileconfig", Needs.NOTHING, get=profile.fetch),
    Page("/trouble", Needs.SECOND_STEP, get=trouble.show),
    Page("/trouble/unlock", Needs.SECOND_STEP, post=trouble.unlock),
    Page("/trouble/dismiss", Needs.SECOND_STEP, post=trouble.dismiss),
    Page("/enrol/{link}", Needs.PASSWORD, get=link.ask, post=link.begin),
    Page("/help-desk", Needs.AUDITOR, get=search.show),
    Page("/help-desk/policy", Needs.AUDITOR, get=policy.show),
    Page("/help-desk/audit", Needs.AUDITOR, get=audit_log.show),
    Page("/help-desk/audit.csv", Needs.AUDITOR, get=audit_log.export),
    Page("/help-desk/states", Needs.ADMINISTRATOR, get=states.show, post=states.check),
    Page("/help-desk/states/set", Needs.ADMINISTRATOR, post=states.apply),
    Page("/help-desk/tokens", Needs.ADMINISTRATOR, get=tokens.show, post=tokens.create),
    Page("/help-desk/tokens/new", Needs.ADMINISTRATOR, get=tokens.show_once),
    Page("/help-desk/tokens/revoke", Needs.ADMINISTRATOR, get=tokens.ask, post=tokens.revoke),
    Page("/help-desk/link", Needs.HELP_DESK, get=link.show),
    Page("/help-desk/users/{id}", Needs.AUDITOR, get=person.show),
    Page("/help-desk/users/{id}/mfa", Needs.HELP_DESK, get=acts.MFA.ask, post=acts.MFA.do),
    Page(
        "/help-desk/users/{id}/delete-app-passwords",
        Needs.HELP_DESK,
        get=acts.DELETE_APP_PASSWORDS.ask,
        post=acts.DELETE_APP_PASSWORDS.do,
    ),
    Page("/help-desk/users/{id}/reset", Needs.HELP_DESK, get=acts.RESET.ask, post=acts.RESET.do),
    Page("/help-desk/users/{id}/unlock", Needs.HELP_DESK, get=acts.UNLOCK.ask, post=acts.UNLOCK.do),
    Page("/help-desk/users/{id}/unpin", Needs.HELP_DESK, get=acts.UNPIN.ask, post=acts.UNPIN.do),
    Page("/help-desk/users/{id}/block", Needs.HELP_DESK, get=acts.BLOCK.ask, post=acts.BLOCK.do),
    Page("/help-desk/users/{id}/unblock", Needs.HELP_DESK, get=acts.UNBLOCK.ask, post=acts.UNBLOCK.do),
    Page("/mail/config-v1.1.xml", Needs.MAIL_PROGRAM, get=autoconfig.answer),
    Page("/.well-known/autoconfig/mail/config-v1.1.xml", Needs.MAIL_PROGRAM, get=autoconfig.answer),
    Page("/autodiscover/autodiscover.xml", Needs.MAIL_PROGRAM, post=autodiscover.answer),
    Page("/Autodiscover/Autodiscover.xml", Needs.MAIL_PROGRAM, post=autodiscover.answer),
    Page("/AutoDiscover/AutoDiscover.xml", Needs.MAIL_PROGRAM, post=autodiscover.answer),
)
