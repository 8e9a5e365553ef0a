"""Any bytes as an account's record, as if they had been sealed with our key by another version."""

import atheris

with atheris.instrument_imports(include=["store.redis.records"]):
    from store.redis.records import account_from, account_record

from fuzzing import fuzz

RECORD = (
    b'[1,"a history",77,1790000000000000,[12,"fritz@example.test",["f@example.test"],"enforced",null,false,'
    b'null,"uid=fritz",3,1790000000000000,null,false],[["abcdefgh","phone",["imap"],["10.0.0.0/8"],5,'
    b'"$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA",1790000000000000,null,null]]]'
)
SEEDS = [
    RECORD,
    RECORD.replace(b"1790000000000000", b"9" * 20),
    RECORD.replace(b"10.0.0.0/8", b"10.0.0.1/8"),
    b"[" * 500,
    b"[1,NaN,Infinity]",
]


def target(data: bytes) -> None:
    """What is taken for a record says the same when it's written anew."""
    found = account_from(data)
    if found is not None:
        account, seen = found
        assert account_from(account_record(account, seen)) == found


if __name__ == "__main__":
    fuzz(target, SEEDS)
