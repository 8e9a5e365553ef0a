"""What an administrator can set."""

from config.address import Address, PublicAddress
from config.cache_url import CacheAddress, CacheKind
from config.client_settings import ClientSettings, client_settings, public_host
from config.dn_syntax import Ava, Rdn, split_dn
from config.example import example
from config.files import check_files, pair_problem
from config.key import Key, dotted, leaves
from config.loader import Loaded, default_path, load
from config.networks import Network, parse_network
from config.problem import ConfigurationError, Problem
from config.secret_file import UnusableFileError, read_secret, sealing_key
from config.sections.backend import Backend
from config.sections.cache import Cache
from config.sections.directory import Directory
from config.sections.ldap import Ldap
from config.sections.limits import Argon2, Limits
from config.sections.listener import Listener
from config.sections.metrics import Metrics
from config.sections.notices import Notices
from config.sections.oidc import Oidc
from config.sections.operation import Control, Log
from config.sections.policy import LoginNames, Override, Policy
from config.sections.portal import Portal
from config.sections.store import Store
from config.sections.throttle import Throttle
from config.sections.tls import Sni, Tls
from config.settings import Settings
from config.srv_records import srv_records
from config.value_types import AppPasswordPolicy, ProtocolName, TlsMode, TlsProfile
from config.watched_files import WatchedFiles

__all__ = [
    "Address",
    "AppPasswordPolicy",
    "Argon2",
    "Ava",
    "Backend",
    "Cache",
    "CacheAddress",
    "CacheKind",
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
    "Metrics",
    "Network",
    "Notices",
    "Oidc",
    "Override",
    "Policy",
    "Portal",
    "Problem",
    "ProtocolName",
    "PublicAddress",
    "Rdn",
    "Settings",
    "Sni",
    "Store",
    "Throttle",
    "Tls",
    "TlsMode",
    "TlsProfile",
    "UnusableFileError",
    "WatchedFiles",
    "check_files",
    "client_settings",
    "default_path",
    "dotted",
    "example",
    "leaves",
    "load",
    "pair_problem",
    "parse_network",
    "public_host",
    "read_secret",
    "sealing_key",
    "split_dn",
    "srv_records",
]
