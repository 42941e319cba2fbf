"""The client: its configuration, and what drives its calls, blocking or not."""

from .client import WeChatPay as WeChatPay
from .configuration import (
    check_apiv3_key as check_apiv3_key,
    check_mchid as check_mchid,
    check_trust as check_trust,
    choose_transport as choose_transport,
    make_keyring as make_keyring,
    named_transport as named_transport,
    one_suite as one_suite,
    effective_trust as effective_trust,
)
from .variables import certs_from as certs_from, from_environment as from_environment
