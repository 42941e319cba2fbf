"""The parameters with which a page, a mini program or an app opens WeChat Pay.

`wxpay.paysign` makes them on the server, for neither key may leave it. What its methods return goes
to the front end as it is: each has exactly the keys that the JavaScript, mini program or App
interface takes, and every value is text.

What the front end reports is not proof of payment: the notification, or a query, is.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, cast
from urllib.parse import quote, urlencode

from .crypto import digest
from .errors import ConfigurationError

if TYPE_CHECKING:
    from ._v3 import Signer

__all__ = ["BusinessView", "PaySign"]

SignType = Literal["RSA", "MD5", "HMAC-SHA256"]

_HMAC: Final = "HMAC-SHA256"
_COUPON_PAGE = "https://action.weixin.qq.com/busifavor/getcouponinfo"
_COUPON_FIELDS = frozenset({"stock_id", "out_request_no", "coupon_code"})
_MOST_COUPONS = 10


class BusinessView(NamedTuple):
    """A jump to one of WeChat Pay's own pages (``openBusinessView``), for each kind of front end.

    Attributes:
        business_type: Which page.
        fields: What it is told.
    """

    business_type: str
    fields: Mapping[str, str]

    def miniprogram(self) -> dict[str, Any]:
        """Return what ``wx.openBusinessView`` takes."""
        return {"businessType": self.business_type, "extraData": dict(self.fields)}

    def jsapi(self) -> dict[str, str]:
        """Return what a page's ``WeixinJSBridge.invoke("openBusinessView", …)`` takes."""
        return {"businessType": self.business_type, "queryString": _query(self.fields)}

    def app(self) -> dict[str, str]:
        """Return what an app's ``WXOpenBusinessView`` request takes, for the release version."""
        return {
            "businessType": self.business_type,
            "query": _query(self.fields),
            "extInfo": '{"miniProgramType": 0}',
        }


class PaySign:
    """Signs what a front end hands to WeChat Pay.

    Args:
        signer: The merchant's private key, or what stands for it: the one that signed the order.
        secret: The APIv2 key.
        mchid: The merchant's number.
    """

    __slots__ = ("_mchid", "_secret", "_signer")

    def __init__(self, signer: Signer | None, secret: str | None, mchid: str) -> None:
        self._signer = signer
        self._secret = secret
        self._mchid = mchid

    def jsapi(
        self,
        appid: str,
        prepay_id: str,
        *,
        sign_type: SignType = "RSA",
        timestamp: int | None = None,
        nonce: str | None = None,
    ) -> dict[str, str]:
        """Return what a page's ``getBrandWCPayRequest`` takes.

        Args:
            appid: The official account's id, with which the order was made.
            prepay_id: What making the order answered; it is valid for two hours.
            sign_type: ``RSA`` for an order made by APIv3. For one made by APIv2, what the order
                was signed with.
            timestamp: Unix seconds, for tests; default: now.
            nonce: For tests; default: a random one.

        Raises:
            ConfigurationError: The key that it takes is missing, or an id cannot be right.

        See https://pay.weixin.qq.com/doc/v3/merchant/4012791857
        """
        fields = {
            "appId": _word("appid", appid),
            "timeStamp": _timestamp(timestamp),
            "nonceStr": _nonce(nonce),
            "package": f"prepay_id={_prepay_id(prepay_id)}",
        }
        if sign_type == "RSA":
            sign = self._rsa(*fields.values())
            return {**fields, "signType": sign_type, "paySign": sign}
        fields["signType"] = sign_type
        return {**fields, "paySign": self._digest(fields, sign_type)}

    def choose_wxpay(
        self,
        appid: str,
        prepay_id: str,
        *,
        sign_type: SignType = "RSA",
        timestamp: int | None = None,
        nonce: str | None = None,
    ) -> dict[str, str]:
        """Return what a page's ``wx.chooseWXPay`` takes, of the JS-SDK; see `jsapi`.

        What is signed is the same. The JS-SDK has the id from ``wx.config``, and spells the time
        ``timestamp``, without a capital.

        See https://developers.weixin.qq.com/doc/offiaccount/OA_Web_Apps/JS-SDK.html
        """
        fields = self.jsapi(appid, prepay_id, sign_type=sign_type, timestamp=timestamp, nonce=nonce)
        del fields["appId"]
        return {"timestamp": fields.pop("timeStamp"), **fields}

    def miniprogram(
        self,
        appid: str,
        prepay_id: str,
        *,
        sign_type: SignType = "RSA",
        timestamp: int | None = None,
        nonce: str | None = None,
        with_appid: bool = False,
    ) -> dict[str, str]:
        """Return what a mini program's ``wx.requestPayment`` takes; see `jsapi`.

        Args:
            appid: The mini program's id, with which the order was made.
            prepay_id: See `jsapi`.
            sign_type: See `jsapi`.
            timestamp: See `jsapi`.
            nonce: See `jsapi`.
            with_appid: Whether ``appId`` is among them, for a front end that looks at it. It is
                signed in any case, and a mini program knows its own.

        See https://pay.weixin.qq.com/doc/v3/merchant/4012791898
        """
        fields = self.jsapi(appid, prepay_id, sign_type=sign_type, timestamp=timestamp, nonce=nonce)
        if not with_appid:
            del fields["appId"]
        return fields

    def app(
        self,
        appid: str,
        prepay_id: str,
        *,
        partnerid: str | None = None,
        sign_type: SignType = "RSA",
        timestamp: int | None = None,
        nonce: str | None = None,
    ) -> dict[str, str]:
        """Return what an app's ``PayReq`` takes.

        Args:
            appid: The app's id, with which the order was made.
            prepay_id: What making the order answered; it is valid for two hours.
            partnerid: The merchant's number, if it is not this client's.
            sign_type: See `jsapi`. It is not among the parameters of an app.
            timestamp: See `jsapi`.
            nonce: See `jsapi`.

        Raises:
            ConfigurationError: The key that it takes is missing, or an id cannot be right.

        See https://pay.weixin.qq.com/doc/v3/merchant/4013070351
        """
        fields = {
            "appid": _word("appid", appid),
            "partnerid": self._merchant(partnerid),
            "prepayid": _prepay_id(prepay_id),
            "package": "Sign=WXPay",
            "noncestr": _nonce(nonce),
            "timestamp": _timestamp(timestamp),
        }
        if sign_type == "RSA":
            signed = ("appid", "timestamp", "noncestr", "prepayid")
            return {**fields, "sign": self._rsa(*(fields[name] for name in signed))}
        return {**fields, "sign": self._digest(fields, sign_type)}

    def merchant_transfer(
        self,
        appid: str,
        package_info: str,
        *,
        mchid: str | None = None,
        openid: str | None = None,
        sub_mchid: str | None = None,
        sub_appid: str | None = None,
    ) -> dict[str, str]:
        """Return what ``requestMerchantTransfer`` takes, with which a customer accepts a transfer.

        It is for a page (``WeixinJSBridge.invoke``) and for a mini program
        (``wx.requestMerchantTransfer``). Nothing is signed; WeChat Pay made `package_info` itself.

        Args:
            appid: The id with which the transfer was made.
            package_info: What making the transfer answered.
            mchid: The merchant's number, if it is not this client's.
            openid: Whom the transfer is for; may be left out.
            sub_mchid: The sub-merchant's number, for a service provider.
            sub_appid: The sub-merchant's id, for a service provider.

        Raises:
            ConfigurationError: An id cannot be right.

        See https://pay.weixin.qq.com/doc/v3/merchant/4012716430
        """
        fields = {
            "mchId": self._merchant(mchid),
            "appId": _word("appid", appid),
            "package": _word("package_info", package_info),
        }
        others = {"openId": openid, "subMchId": sub_mchid, "subAppId": sub_appid}
        given = {name: _word(name, value) for name, value in others.items() if value is not None}
        return {**fields, **given}

    def merchant_transfer_app(
        self,
        appid: str,
        package_info: str,
        *,
        mchid: str | None = None,
        openid: str | None = None,
        sub_mchid: str | None = None,
        sub_appid: str | None = None,
    ) -> dict[str, str]:
        """Return what an app's ``WXOpenBusinessView`` takes to have a transfer accepted.

        The same as `merchant_transfer`, as a query, in which the package is percent-encoded.

        Args:
            appid: The app's id, with which the transfer was made.
            package_info: See `merchant_transfer`.
            mchid: See `merchant_transfer`.
            openid: See `merchant_transfer`.
            sub_mchid: See `merchant_transfer`.
            sub_appid: See `merchant_transfer`.

        Raises:
            ConfigurationError: An id cannot be right.

        See https://pay.weixin.qq.com/doc/v3/merchant/4012719576
        """
        fields = self.merchant_transfer(
            appid,
            package_info,
            mchid=mchid,
            openid=openid,
            sub_mchid=sub_mchid,
            sub_appid=sub_appid,
        )
        return {"businessType": "requestMerchantTransfer", "query": _query(fields)}

    def payscore_confirm(
        self, package: str, *, timestamp: int | None = None, nonce: str | None = None
    ) -> BusinessView:
        """Return the jump to where a customer confirms a pay-score order (``wxpayScoreUse``).

        Args:
            package: What making the order answered.
            timestamp: See `jsapi`.
            nonce: See `jsapi`.

        Raises:
            ConfigurationError: There is no APIv2 key.

        See https://pay.weixin.qq.com/doc/v3/merchant/4012587949
        """
        fields = {"mch_id": self._mchid, "package": _word("package", package)}
        return self._view("wxpayScoreUse", fields, timestamp, nonce)

    def payscore_detail(
        self,
        service_id: str,
        out_order_no: str,
        *,
        timestamp: int | None = None,
        nonce: str | None = None,
    ) -> BusinessView:
        """Return the jump to a pay-score order's details (``wxpayScoreDetail``).

        Args:
            service_id: The service's id.
            out_order_no: The order's number, as the merchant made it.
            timestamp: See `jsapi`.
            nonce: See `jsapi`.

        Raises:
            ConfigurationError: There is no APIv2 key.

        See https://pay.weixin.qq.com/doc/v3/merchant/4012587984
        """
        fields = {
            "mch_id": self._mchid,
            "service_id": _word("service_id", service_id),
            "out_order_no": _word("out_order_no", out_order_no),
        }
        return self._view("wxpayScoreDetail", fields, timestamp, nonce)

    def payscore_enable(self, apply_permissions_token: str) -> BusinessView:
        """Return the jump to where a customer authorises a service (``wxpayScoreEnable``).

        Args:
            apply_permissions_token: What the preauthorisation answered, which is all that this
                page wants: nothing is signed.

        See https://pay.weixin.qq.com/doc/v3/partner/4012677913
        """
        token = _word("apply_permissions_token", apply_permissions_token)
        return BusinessView("wxpayScoreEnable", {"apply_permissions_token": token})

    def coupon_url(
        self,
        stock_id: str,
        out_request_no: str,
        open_id: str,
        *,
        coupon_code: str | None = None,
        merchant: str | None = None,
    ) -> str:
        """Return the address of the page that gives a customer a merchant's coupon (商家券).

        Args:
            stock_id: The coupons' batch.
            out_request_no: Your number for this gift, never used before.
            open_id: Whom it is for.
            coupon_code: The coupon's code, where the batch leaves that to the giver.
            merchant: Who gives it (``send_coupon_merchant``), if it is not this client's merchant.

        Raises:
            ConfigurationError: There is no APIv2 key.

        See https://pay.weixin.qq.com/doc/v3/merchant/4012285783
        """
        fields = {
            "stock_id": _word("stock_id", stock_id),
            "out_request_no": _word("out_request_no", out_request_no),
            "send_coupon_merchant": self._merchant(merchant),
            "open_id": _word("open_id", open_id),
        }
        if coupon_code is not None:
            fields["coupon_code"] = _word("coupon_code", coupon_code)
        fields["sign"] = self._digest(fields, _HMAC)
        return f"{_COUPON_PAGE}?{_query(fields)}#wechat_pay&wechat_redirect"

    def coupon_plugin(
        self, coupons: Sequence[Mapping[str, str]], *, merchant: str | None = None
    ) -> dict[str, Any]:
        """Return the properties of the mini program plugin ``send-coupon`` (小程序发券插件).

        Args:
            coupons: Up to ten, each with a ``stock_id``, an ``out_request_no`` and, where the batch
                leaves that to the giver, a ``coupon_code``.
            merchant: Who gives them (``send_coupon_merchant``), if it is not this client's.

        Raises:
            ConfigurationError: There is no APIv2 key, there are too few or too many coupons, or
                one of them has other fields.

        See https://pay.weixin.qq.com/doc/v3/merchant/4012285674
        """
        if not 1 <= len(coupons) <= _MOST_COUPONS:
            raise ConfigurationError(f"{len(coupons)} coupons: give 1 to {_MOST_COUPONS} at a time")
        giver = self._merchant(merchant)
        fields = {"send_coupon_merchant": giver}
        for number, coupon in enumerate(coupons):
            if not {"stock_id", "out_request_no"} <= coupon.keys() <= _COUPON_FIELDS:
                raise ConfigurationError(
                    "a coupon has a stock_id, an out_request_no and perhaps a coupon_code"
                )
            fields.update((f"{name}{number}", _word(name, coupon[name])) for name in coupon)
        return {
            "send_coupon_params": [dict(coupon) for coupon in coupons],
            "sign": self._digest(fields, _HMAC),
            "send_coupon_merchant": giver,
        }

    def __repr__(self) -> str:
        return f"<PaySign {self._mchid}>"

    def _view(
        self, business_type: str, fields: dict[str, str], timestamp: int | None, nonce: str | None
    ) -> BusinessView:
        fields["timestamp"] = _timestamp(timestamp)
        fields["nonce_str"] = _nonce(nonce)
        fields["sign_type"] = _HMAC
        return BusinessView(business_type, {**fields, "sign": self._digest(fields, _HMAC)})

    def _merchant(self, number: str | None) -> str:
        return self._mchid if number is None else _word("the merchant's number", number)

    def _rsa(self, *lines: str) -> str:
        if self._signer is None:
            raise ConfigurationError(
                "payment parameters are signed with the merchant's private key: pass private_key "
                "and serial"
            )
        return self._signer.sign("".join(f"{line}\n" for line in lines).encode())

    def _digest(self, fields: Mapping[str, str], sign_type: digest.SignType) -> str:
        if self._secret is None:
            raise ConfigurationError(
                "these parameters are signed with the APIv2 key, which is not the APIv3 key: pass "
                "secret"
            )
        return digest.sign(fields, self._secret, sign_type)


def _timestamp(seconds: int | None) -> str:
    if seconds is None:
        return str(int(time.time()))
    if not isinstance(cast("object", seconds), int) or isinstance(seconds, bool):
        raise ConfigurationError(f"timestamp must be Unix seconds, not {type(seconds).__name__}")
    return str(seconds)


def _nonce(nonce: str | None) -> str:
    return _word("nonce", nonce) if nonce else secrets.token_hex(16)


def _query(fields: Mapping[str, str]) -> str:
    return urlencode(fields, quote_via=quote, safe="")


def _prepay_id(prepay_id: str) -> str:
    if _word("prepay_id", prepay_id).startswith("prepay_id="):
        raise ConfigurationError("prepay_id must be the bare id, without `prepay_id=` before it")
    return prepay_id


def _word(name: str, value: object) -> str:
    """Return a text that is allowed in a line that is signed: a line break would add a line."""
    if not isinstance(value, str) or not value or not value.isprintable() or " " in value:
        raise ConfigurationError(f"{name} must be text, not empty, and without white space")
    return value
