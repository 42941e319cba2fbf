"""One call, without I/O: what was asked, how endpoints differ, hosts, tries and refusals."""

from typing import TYPE_CHECKING

from .._lazy import lazy

if TYPE_CHECKING:
    from .body import NULL as NULL, serialise as serialise
    from .call import OPTIONS as OPTIONS, Call as Call
    from .exchange import (
        Exchange as Exchange,
        Outgoing as Outgoing,
        ClientRoute as ClientRoute,
        Steps as Steps,
        check_certificate as check_certificate,
        into_sink as into_sink,
        transmit as transmit,
    )
    from .hosts import API_HOSTS as API_HOSTS, DEFAULT_BASE_URL as DEFAULT_BASE_URL, Hosts as Hosts
    from .log import logged as logged
    from .refusal import (
        OUTCOME_UNKNOWN as OUTCOME_UNKNOWN,
        UNDECIDED as UNDECIDED,
        cleaned as cleaned,
        clock_skew as clock_skew,
        quotable as quotable,
        refusal_of as refusal_of,
        sandbox_page as sandbox_page,
        skew_in_words as skew_in_words,
    )
    from .rules import (
        ORDINARY as ORDINARY,
        EncryptedField as EncryptedField,
        Rule as Rule,
        UploadRule as UploadRule,
        rule_of as rule_of,
    )
    from .verdict import Verdict as Verdict
    from .watch import CallRecord as CallRecord, OnCall as OnCall
else:
    __getattr__ = lazy(
        __name__,
        {
            "body": "NULL serialise",
            "call": "OPTIONS Call",
            "exchange": "Exchange Outgoing ClientRoute Steps check_certificate into_sink transmit",
            "hosts": "API_HOSTS DEFAULT_BASE_URL Hosts",
            "log": "logged",
            "refusal": "OUTCOME_UNKNOWN UNDECIDED cleaned clock_skew quotable refusal_of "
            "sandbox_page skew_in_words",
            "rules": "ORDINARY EncryptedField Rule UploadRule rule_of",
            "verdict": "Verdict",
            "watch": "CallRecord OnCall",
        },
    )
