"""Time series of a gateway that fares well, and of one that doesn't, for each alert."""

MINUTES = 20  # after which the alerts are looked at; a sample comes every 15 seconds

_INSTANCE = 'job="wicketgate",instance="gate1:9164"'
_LOGINS = f'wicketgate_logins_total{{{_INSTANCE},worker="1",protocol="imap",verdict="%s",reason="%s"}}'
_BACKEND = f'{{{_INSTANCE},worker="1",protocol="imap",address="imap.internal:993"}}'
_CERTIFICATE = f'wicketgate_certificate_not_after_timestamp_seconds{{{_INSTANCE},worker="1",table="tls"}}'
_WORKER = f'{{{_INSTANCE},worker="%s"}}'

HEALTHY = {
    f"up{{{_INSTANCE}}}": "1x100",
    f"wicketgate_ready{_WORKER % 1}": "1x100",
    f"wicketgate_ready{_WORKER % 2}": "1x100",
    f"wicketgate_feed_fresh{_WORKER % 1}": "1x100",
    f"wicketgate_feed_lag_seconds{_WORKER % 1}": "0.2x100",
    f"wicketgate_hashing_shed_total{_WORKER % 1}": "0x100",
    f"wicketgate_backend_up{_BACKEND}": "1x100",
    f"wicketgate_backend_tries_total{_BACKEND}": "0+75x100",
    f"wicketgate_backend_failures_total{_BACKEND}": "0x100",
    f"wicketgate_redis_up{_WORKER % 1}": "1x100",
    _CERTIFICATE: "2592000x100",
    _LOGINS % ("admitted", ""): "0+75x100",
    _LOGINS % ("refused", "unknown-user"): "0+15x100",
    _LOGINS % ("refused", "backend-unavailable"): "0x100",
    f"wicketgate_worker_restarts_total{_WORKER % 1}": "0x100",
    f"wicketgate_worker_up{_WORKER % 1}": "1x100",
    f"process_start_time_seconds{_WORKER % 'supervisor'}": "100x100",
    f"process_start_time_seconds{_WORKER % 1}": "100x100",
}

# What is different then. Series of the same metric that aren't here are gone too.
ALARMS = {
    "WicketgateDown": {f"up{{{_INSTANCE}}}": "0x100"},
    "WicketgateNotReady": {
        f"wicketgate_ready{_WORKER % 1}": "0x100",
        f"wicketgate_ready{_WORKER % 2}": "0x100",
    },
    "WicketgateFeedPastLease": {f"wicketgate_feed_fresh{_WORKER % 1}": "0x100"},
    "WicketgateFeedLags": {f"wicketgate_feed_lag_seconds{_WORKER % 1}": "6x100"},
    "WicketgateHashingShed": {f"wicketgate_hashing_shed_total{_WORKER % 1}": "0+1x100"},
    "WicketgateBackendDown": {f"wicketgate_backend_up{_BACKEND}": "0x100"},
    "WicketgateBackendAddressFails": {f"wicketgate_backend_failures_total{_BACKEND}": "0+15x100"},
    "WicketgateRedisDown": {f"wicketgate_redis_up{_WORKER % 1}": "0x100"},
    "WicketgateCertificateExpires": {_CERTIFICATE: "1000000x100"},
    "WicketgateManyRefusals": {
        _LOGINS % ("admitted", ""): "0+15x100",
        _LOGINS % ("refused", "unknown-user"): "0+75x100",
    },
    "WicketgateOutageAnswers": {
        _LOGINS % ("admitted", ""): "0+75x100",
        _LOGINS % ("refused", "backend-unavailable"): "0+1x100",
    },
    "WicketgateWorkerRestarts": {f"wicketgate_worker_restarts_total{_WORKER % 1}": "0+1x100"},
    "WicketgateRestarts": {f"process_start_time_seconds{_WORKER % 'supervisor'}": "100+15x100"},
    "WicketgateWorkerDoesNotAnswer": {f"wicketgate_worker_up{_WORKER % 1}": "0x100"},
}
