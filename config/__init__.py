"""What an administrator can set."""

from config.address import Address, PublicAddress
from config.client_settings import ClientSettings, client_settings, public_host
from config.dn_syntax import Ava, Rdn, split_dn
from config.example import example
from config.files import check_files, pair_problem
from config.key import Key, dotted, leaves
from config.loader import Loaded, default_path, load
from config.problem import ConfigurationError, Problem
from config.secret_file import read_secret
from config.sections.backend import Backend
from config.sections.directory import Directory
from config.sections.ldap import Ldap
from config.sections.limits import Argon2, Limits
from config.sections.listener import Listener
from config.sections.operation import Control, Log
from config.sections.policy import LoginNames, Override, Policy
from config.sections.store import Cache, Store
from config.sections.tls import Sni, Tls
from config.settings import Settings
from config.value_types import AppPasswordPolicy, Network, ProtocolName, TlsMode, TlsProfile

__all__ = [
    "Address",
    "AppPasswordPolicy",
    "Argon2",
    "Ava",
    "Backend",
    "Cache",
    "ClientSettings",
    "ConfigurationError",
    "Control",
    "Directory",
    "Key",
    "Ldap",
    "Limits",
    "Listener",
    "Loaded",
    "Log",
    "LoginNames",
    "Network",
    "Override",
    "Policy",
    "Problem",
    "ProtocolName",
    "PublicAddress",
    "Rdn",
    "Settings",
    "Sni",
    "Store",
    "Tls",
    "TlsMode",
    "TlsProfile",
    "check_files",
    "client_settings",
    "default_path",
    "dotted",
    "example",
    "leaves",
    "load",
    "pair_problem",
    "public_host",
    "read_secret",
    "split_dn",
]
