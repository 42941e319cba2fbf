"""A gateway with a path of its own: what is signed is what WeChat Pay sees."""

from __future__ import annotations

import dataclasses

import pytest
from gateway import APIV3_KEY, PUBLIC_KEY_ID, Answer, Gateway, public_pem, rsa_key
from ways import Way, client_of, each_way

from wechatpay import APIError, ConfigurationError, WeChatPay
from wechatpay._call import Call, Hosts

PREFIX = "http://127.0.0.1:9/wechat/"


def forwarded(request_target: str) -> str:
    """Return what WeChat Pay sees of a request to the gateway."""
    return request_target.removeprefix("/wechat")


@each_way
@pytest.mark.parametrize("signed", [True, False], ids=["signed", "unsigned"])
def test_the_signature_covers_the_path_that_wechat_pay_sees(
    gateway: Gateway, way: Way, signed: bool
) -> None:
    """With `signed_prefix=False` the prefix goes over the wire and is not signed."""
    base_url = f"{gateway.url}wechat/"
    with client_of(base_url, signed_prefix=signed) as wxpay:
        way.call(wxpay["v3/x/{id}"], "post", id="a/b", params={"q": "1"}, json={"a": 1})
    (request,) = gateway.requests
    assert request.target == "/wechat/v3/x/a%2Fb?q=1"
    seen = request if signed else dataclasses.replace(request, target=forwarded(request.target))
    assert seen.is_signed_by(rsa_key("merchant"))


def test_the_paths_of_wechat_pay_s_own_stay_signed() -> None:
    """`/hk/` is below the gateway's path, and a call elsewhere is not the gateway's business."""
    hosts = Hosts(PREFIX, None, signed_prefix=False)
    call = Call.asked("GET", "v3/x", {})
    assert hosts.seen(call, b"/wechat/hk/v3/x?a=/wechat/") == b"/hk/v3/x?a=/wechat/"
    assert hosts.seen(call, b"/wechatty/v3/x") == b"/wechatty/v3/x"
    own = call._replace(base_url="https://apihk.mch.weixin.qq.com/wechat/")
    assert hosts.seen(own, b"/wechat/v3/x") == b"/wechat/v3/x"
    here = call._replace(base_url=PREFIX)
    assert hosts.seen(here, b"/wechat/v3/x") == b"/v3/x"
    by_name = Hosts("http://gateway:9/wechat/", None, signed_prefix=False)
    shouted = call._replace(base_url="http://GATEWAY:9/wechat")
    assert by_name.of(shouted) == by_name.all
    assert by_name.seen(shouted, b"/wechat/v3/x") == b"/v3/x"


@pytest.mark.parametrize(
    "base_url",
    [
        "https://api.mch.weixin.qq.com/",
        "https://apihk.mch.weixin.qq.com/hk/",
        "http://127.0.0.1:9/",
    ],
)
def test_without_a_gateway_s_path_there_is_nothing_to_leave_out(base_url: str) -> None:
    """The paths of WeChat Pay's own hosts are signed, whatever they are."""
    certs = {PUBLIC_KEY_ID: public_pem(rsa_key("platform"))}
    with pytest.raises(ConfigurationError, match="WeChat Pay's own paths are signed"):
        WeChatPay("1900000109", certs=certs, base_url=base_url, signed_prefix=False)


SIGN_ERROR = Answer(401, {"code": "SIGN_ERROR", "message": "签名错误"}, signed=False)


@each_way
@pytest.mark.parametrize("certificates", [True, False], ids=["certificates", "call"])
def test_a_wrong_signature_names_the_path(gateway: Gateway, way: Way, certificates: bool) -> None:
    """Where a prefix is configured, it may be what is wrong: both ways are told."""
    gateway.default = SIGN_ERROR
    more = {"certs": None, "apiv3_key": APIV3_KEY} if certificates else {}
    path = "v3/certificates" if certificates else "v3/x/{id}"
    base_url = f"{gateway.url}wechat/"
    with client_of(base_url, **more) as wxpay, pytest.raises(APIError) as caught:
        way.call(wxpay["v3/x/{id}"], id="secret")
    assert f"What was signed is /wechat/{path}: if a gateway takes /wechat/ away, pass " in str(
        caught.value
    )
    assert "secret" not in str(caught.value)
    with (
        client_of(base_url, signed_prefix=False, **more) as wxpay,
        pytest.raises(APIError, match=f"What was signed is /{path}: if the gateway does not take"),
    ):
        way.call(wxpay["v3/x/{id}"], id="secret")


def test_without_a_prefix_the_path_is_not_to_blame(gateway: Gateway) -> None:
    """Nor is it on WeChat Pay's own hosts, or where the call names a host itself."""
    gateway.default = SIGN_ERROR
    with client_of(gateway) as wxpay, pytest.raises(APIError) as caught:
        wxpay["v3/x"].get()
    assert "What was signed" not in str(caught.value)
    call = Call.asked("GET", "v3/x", {})
    assert Hosts("https://apihk.mch.weixin.qq.com/hk/", None).advice(call) == ""
    assert Hosts(PREFIX, None).advice(call._replace(base_url=PREFIX)) == ""


@pytest.mark.parametrize(
    "host",
    [
        "api.mch.weixin.qq.com.",
        "API.MCH.weixin.qq.com.:80",
        "api。mch。weixin。qq。com",
        "api.mch.weixin.qq．com",
        "ａｐｉ.mch.weixin.qq.com",
        "api.mch.wei\u00adxin.qq.com",
        "api.mch.weixin.qq.com。",
    ],
)
def test_no_spelling_of_a_host_goes_round_https(host: str) -> None:
    """What is looked up as WeChat Pay's host is reached by https only."""
    with pytest.raises(ConfigurationError, match=r"api\.mch\.weixin\.qq\.com is reached by https"):
        Hosts(f"http://{host}/", None)


@pytest.mark.parametrize("host", ["x" * 64 + "。com", "a。。b", "\u200b。com", "xn--\u00fc"])
def test_what_cannot_be_looked_up_is_no_host(host: str) -> None:
    """It is refused when the client is made."""
    with pytest.raises(ConfigurationError, match="base_url is not a URL"):
        Hosts(f"https://{host}/", None)
