"""The table of what differs from endpoint to endpoint."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wechatpay._call import API_HOSTS, ORDINARY, EncryptedField, Rule, UploadRule, rule_of
from wechatpay._tree import PathTree
from wechatpay.api import Endpoint, Field, endpoints

PLACEHOLDER = re.compile(r"\{(.*?)\}")
SPECIAL = [each for each in endpoints() if rule_of(each.verb, each.path) != ORDINARY]


def written(fields: tuple[Field, ...]) -> int:
    """Count the encrypted fields of a tree."""
    return sum(bool(field.encrypted) + written(field.fields) for field in fields)


def test_an_unknown_path_is_ordinary() -> None:
    """What the table does not know has no rule but the ordinary one."""
    assert rule_of("get", "v3/no/such/path") is ORDINARY
    assert rule_of("get", "v3/pay/transactions/native") is ORDINARY
    assert rule_of("OPTIONS", "v3/billdownload/file") is ORDINARY
    assert Rule() == ORDINARY


@pytest.mark.parametrize("verb", ["get", "GET", "Get"])
def test_the_verb_is_in_either_case(verb: str) -> None:
    """A verb's case does not matter."""
    assert rule_of(verb, "v3/billdownload/file").unsigned


def test_templates_and_values_find_the_same_rule() -> None:
    """A placeholder matches its template and any value, but not an empty one."""
    for last in ("{media_id}", "{+media_id}", "abc%2Fd", "upload"):
        assert rule_of("GET", f"v3/merchant-service/images/{last}").unsigned
    for path in ("v3/merchant-service/images/", "v3/merchant-service/images/a/b"):
        assert rule_of("GET", path) is ORDINARY


def test_a_literal_wins_over_a_placeholder() -> None:
    """An upload next to a placeholder is not taken for it, and its answer stays signed."""
    assert not rule_of("POST", "v3/merchant-service/images/upload").unsigned
    tree: PathTree[str] = PathTree()
    tree.add("GET", "v3/a/*/c", "placeholder")
    tree.add("GET", "v3/a/b", "literal")
    tree.add("GET", "v3/a/b/d", "deeper")
    tree.add("GET", "v3/a/b/d", "too late")
    assert tree.find("GET", ["v3", "a", "b"]) == "literal"
    assert tree.find("GET", ["v3", "a", "b", "c"]) == "placeholder"
    assert tree.find("GET", ["v3", "a", "b", "d"]) == "deeper"
    assert tree.find("GET", ["v3", "a", "b", "e"]) is None


def test_a_placeholder_with_one_value_matches_nothing_else() -> None:
    """A placeholder that stands for one constant is that constant, or itself."""
    for last in ("addInstitutionsub", "{addinstitutionsub}"):
        assert rule_of("post", f"v2/secapi/mch/{last}").nonceless
    assert rule_of("post", "v2/secapi/mch/other") is ORDINARY


@pytest.mark.parametrize(
    ("verb", "documented", "other"),
    [
        ("post", "v3/applyment4sub/applyment/", "v3/applyment4sub/applyment"),
        ("post", "v3/ecommerce/applyments/", "v3/ecommerce/applyments"),
        ("post", "v3/profitsharing/orders", "v3/profitsharing/orders/"),
        ("get", "v3/merchants/{sub_mchid}", "v3/merchants/1230000109/"),
    ],
)
def test_a_slash_at_the_end_makes_no_difference(verb: str, documented: str, other: str) -> None:
    """A path that is one slash away from a documented one is judged as that one."""
    assert rule_of(verb, documented).encrypted
    assert rule_of(verb, other) == rule_of(verb, documented)
    assert rule_of(verb, f"{documented.rstrip('/')}/x/") is ORDINARY
    tree: PathTree[str] = PathTree()
    tree.add("POST", "v3/a/", "with")
    tree.add("POST", "v3/b", "without")
    assert tree.find("POST", ["v3", "a"], near=True) == "with"
    assert tree.find("POST", ["v3", "b", ""], near=True) == "without"
    assert tree.find("POST", ["v3", "b"], near=True) == "without"
    assert tree.find("GET", ["v3", "a"], near=True) is None
    assert tree.find("POST", ["v3", "a"]) is None
    assert tree.find("POST", ["v3", "b", ""]) is None


@pytest.mark.parametrize(
    ("prefix", "host", "path"),
    [
        ("hk", "https://api.mch.weixin.qq.com/", "v3/statements"),
        ("global", "https://apihk.mch.weixin.qq.com/", "v3/customs/orders"),
    ],
)
def test_a_prefix_that_is_written_out_is_not_added_again(prefix: str, host: str, path: str) -> None:
    """The rule of a path with its host's prefix is the same, but for the prefix."""
    short, long = rule_of("get", path), rule_of("get", f"{prefix}/{path}")
    assert short.base_url == f"{host}{prefix}/"
    assert long == short._replace(base_url=host)


def test_each_kind_of_rule() -> None:
    """One endpoint of each kind has what its documentation says."""
    assert rule_of("get", "v3/statements").digest_header == "Wechatpay-Statement-Sha1"
    assert rule_of("get", "v3/global/statements").base_url is None
    assert rule_of("post", "v2/secapi/pay/refund").mutual_tls
    assert rule_of("post", "v2/mmpaysptrans/pay_bank").encrypted == (
        EncryptedField("body", "enc_bank_no", "bank"),
        EncryptedField("body", "enc_true_name", "bank"),
    )
    assert rule_of("post", "v2/risk/getpublickey").base_url == "https://fraud.mch.weixin.qq.com/"
    assert rule_of("get", "v2/papay/entrustweb").fragment == "#wechat_redirect"
    assert rule_of("get", "v2/appauth/getaccesstoken").reply == "json"
    assert rule_of("post", "v2/pay/downloadbill").reply == "text"
    assert rule_of("post", "v2/pay/downloadbill").stream
    assert rule_of("post", "v2/pay/combinedorder").sign_type == "HMAC-SHA256"
    assert rule_of("post", "v2/pay/refundquery").sign_type is None
    assert rule_of("get", "v2/papay/h5entrustweb").sign_type == "HMAC-SHA256"
    assert rule_of("post", "v2/deposit/micropay").sign_type == "MD5"
    assert rule_of("post", "v2/pay/combinedorder").merchant_field == "combine_mch_id"
    assert rule_of("post", "v2/mmpaymkttransfers/promotion/transfers").merchant_field == "mchid"
    assert rule_of("get", "v2/appauth/authindex").signless
    assert rule_of("get", "v2/appauth/authindex").nonceless
    assert rule_of("post", "v2/mmpaymkttransfers/gethbinfo").lists == ("hbinfo",)
    media = rule_of("post", "v2/secapi/mch/uploadmedia")
    assert media.signed_fields == ("mch_id", "media_hash", "sign_type")
    assert media.upload == UploadRule("media", "media_hash", None)
    pictures = rule_of("post", "v3/merchant/media/upload").upload
    assert pictures == UploadRule(names="(?i)[.](jpe?g|bmp|png|pdf)$")
    assert rule_of("post", "v3/taxi-invoice/cards/upload-file").upload == UploadRule(
        "file", "digest", None, ("digest_algorithm", "DIGEST_ALGORITHM_SM3")
    )
    assert rule_of("post", "v3/profitsharing/orders").encrypted == (
        EncryptedField("body", "receivers/*/name"),
    )
    assert rule_of("post", "v2/secsvc/getrealnameinfo").encrypted[0] == EncryptedField(
        "response", "encrypted_real_name", "merchant", "pkcs1"
    )
    assert rule_of("post", "v3/marketing/shopping-receipt/shoppingreceipts").encrypted[0] == (
        EncryptedField("meta", "merchant_contact_information/consultation_phone_number")
    )


def test_every_rule_is_the_catalogues() -> None:
    """Each endpoint's rule says what the catalogue says, and each encrypted field is in it."""
    fields = 0
    for each in endpoints():
        rule, options = rule_of(each.verb, each.path), each.options
        assert (rule.unsigned, rule.mutual_tls) == (options.unsigned, options.mutual_tls)
        assert (rule.nonceless, rule.stream) == (options.nonceless, options.stream)
        assert (each.verb == "get" or rule.asks) is each.is_query
        assert rule.base_url == (options.host if options.host_required else None)
        trees = (each.query, each.body.fields, each.reply.fields)
        assert len(rule.encrypted) == sum(map(written, trees))
        assert (rule.upload is not None) == (each.body.kind == "multipart")
        fields += len(rule.encrypted)
    assert fields > 300


@given(st.sampled_from(SPECIAL), st.data())
def test_a_concrete_path_has_its_templates_rule(each: Endpoint, data: st.DataObject) -> None:
    """Whatever values a path is filled with, percent-encoded, its rule stays the same."""
    value = st.text(min_size=1).filter(lambda text: text not in (".", ".."))
    consts = {field.name: field.const for field in each.placeholders if field.const is not None}
    path = PLACEHOLDER.sub(
        lambda match: consts.get(match[1], quote(data.draw(value), safe="~")), each.path
    )
    assert rule_of(each.verb, path) == rule_of(each.verb, each.path)


def test_hosts_are_exact_names() -> None:
    """The hosts that may see a signature include every host of the catalogue, and no pattern."""
    for each in endpoints():
        if each.options.host:
            assert each.options.host.split("/")[2] in API_HOSTS
    assert all(re.fullmatch(r"[a-z0-9.]+", host) for host in API_HOSTS)
    assert "pay.wechatpay.cn" not in API_HOSTS


def test_the_table_is_loaded_by_the_first_find() -> None:
    """Importing the rules loads no table and no catalogue, and finding one loads no catalogue."""
    code = (
        "import sys; from wechatpay._call import rules\n"
        "assert 'wechatpay._call.rules_table' not in sys.modules\n"
        "rules.rule_of('get', 'v3/x')\n"
        "assert 'wechatpay._call.rules_table' in sys.modules\n"
        "assert not [name for name in sys.modules if name.startswith('wechatpay.api')]\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_loading_takes_few_steps() -> None:
    """The table is read with few steps (`make bench` says in what time), and by the first call."""
    code = (
        "from wechatpay._call import rules\n"
        "from costs import functions_of\n"
        "print(*(functions_of(lambda: rules.rule_of('get', 'v3/x')) for _ in range(2)))\n"
    )
    said = subprocess.check_output([sys.executable, "-c", code], cwd=Path(__file__).parents[1])
    first, second = map(int, said.split())
    assert second < 30 < first < 15_000
