"""The applications of a world, and the accounts that new merchants settle to.

Whether such an account is verified: wiki/doc/apiv3_partner/apis/chapter7_1_5 (2021-06-18).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ..._world import World
from ..payments import MOST
from . import words
from .applyment import Applyment, Verdict

_KIND, _SETTLEMENT, _CHANGE = "applyment", "settlement account", "settlement change"
_LONGEST = 15 * 86400
_FIRST = 2_000_000_000_000_000
_PUBLIC = "74"


class Applyments:
    """The applications, by the platform's and by WeChat Pay's numbers."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._store = world.store

    def apply(self, asked: Mapping[str, Any]) -> Applyment:
        """Apply for a merchant; with the same number again, it is the same application.

        Who was rejected may apply again with the same number and other content.

        Raises:
            Refusal: The number is taken by other parameters.
        """
        with self._store.transaction():
            known = self._get(asked["out_request_no"])
            if known and known.asked == dict(asked):
                return known
            if known and known.state != "REJECTED":
                raise words.NUMBER_TAKEN(known.number)
            number = known.applyment_id if known else _FIRST + self._store.next(_KIND)
            now = self._world.clock.moment().isoformat()
            return self._write(Applyment(dict(asked), number, now))

    def find(self, number: str) -> Applyment:
        """Find an application by the platform's number.

        Raises:
            Refusal: There is none.
        """
        found = self._get(number)
        if found is None:
            raise words.NO_SUCH_APPLYMENT(number, at="out_request_no")
        return found

    def find_by_id(self, applyment_id: str) -> Applyment:
        """Find an application by WeChat Pay's number.

        Raises:
            Refusal: There is none.
        """
        for each in self._store.find(_KIND, applyment_id=applyment_id):
            return Applyment(**each)
        raise words.NO_SUCH_APPLYMENT(applyment_id, at="applyment_id")

    def longest(self, mchid: str) -> int:
        """Tell for how many seconds at most an order of a merchant's can be paid.

        Those of second-tier merchants for 15 days: what is later is moved there.
        docs/partner/apis/ecommerce-payment/jsapi-prepay (2024-10-24)
        """
        return _LONGEST if self._store.count(_KIND, new=mchid) else MOST

    def latest(self, limit: int = 20, skip: int = 0) -> list[Applyment]:
        """Return a page of all applications, newest first."""
        return [Applyment(**each) for each in self._store.latest(_KIND, limit=limit, skip=skip)]

    def go_on(self, number: str) -> Applyment:
        """Let an application go on by one step; once it is signed, the merchant can settle.

        Raises:
            Refusal: There is none, or it is over.
        """
        with self._store.transaction():
            found = self.find(number)
            mchid = found.sub_mchid
            if found.state == "AUDITING":
                mchid = str(1_900_100_000 + self._store.next("sub-merchant"))
            made = self._write(found.go_on(mchid))
            if made.state == "FINISH":
                self.settle(made.sub_mchid, _account(made))
            return made

    def end(self, number: str, verdict: Verdict, wrong: str, reason: str) -> Applyment:
        """Reject or freeze an application.

        Raises:
            Refusal: There is none, or it is over.
        """
        with self._store.transaction():
            return self._write(self.find(number).end(verdict or "REJECTED", wrong, reason))

    def revoke(self, found: Applyment) -> Applyment:
        """Take an application back; one that was is left as it is.

        Raises:
            Refusal: It is over.
        """
        with self._store.transaction():
            found = self.find(found.number)  # as it is by now
            return found if found.state == "CANCELED" else self._write(found.end("CANCELED"))

    def settlement(self, sub_mchid: str) -> dict[str, Any]:
        """Tell to which account a merchant settles.

        Raises:
            Refusal: It does not: it has not signed.
        """
        found = self._store.get(_SETTLEMENT, sub_mchid)
        if found is None:
            raise words.NO_SETTLEMENT(sub_mchid)
        return found

    def change_settlement(self, sub_mchid: str, account: Mapping[str, Any]) -> str:
        """Have a merchant settle to another account, and return the number of the change.

        It is in effect at once, and audited when it is asked for: the sandbox's own rule.

        Raises:
            Refusal: The merchant does not settle at all.
        """
        with self._store.transaction():
            before = self.settlement(sub_mchid)
            names = (
                "account_type",
                "account_bank",
                "bank_name",
                "bank_branch_id",
                "account_number",
            )
            made = {name: account[name] for name in names if name in account}
            self.settle(sub_mchid, made)
            number = self._world.number("102", _CHANGE, 8)
            told = {**made, "account_name": account.get("account_name", before["account_number"])}
            now = self._world.clock.moment().isoformat()
            told |= {"verify_result": "AUDIT_SUCCESS", "verify_finish_time": now}
            self._store.put(_CHANGE, f"{sub_mchid}/{number}", told)
            return number

    def change(self, sub_mchid: str, number: str) -> dict[str, Any]:
        """Tell what became of such a change.

        Raises:
            Refusal: There was none.
        """
        found = self._store.get(_CHANGE, f"{sub_mchid}/{number}")
        if found is None:
            raise words.NO_SUCH_APPLYMENT(number, at="application_no")
        return {**found, "account_number": _masked(found["account_number"])}

    def settle(self, sub_mchid: str, account: Mapping[str, Any]) -> None:
        """Have a merchant settle to an account, which is verified: the sandbox's own rule."""
        shown = {**account, "account_number": _masked(account["account_number"])}
        self._store.put(_SETTLEMENT, sub_mchid, {**shown, "verify_result": "VERIFY_SUCCESS"})

    def _get(self, number: str) -> Applyment | None:
        found = self._store.get(_KIND, number)
        return Applyment(**found) if found else None

    def _write(self, made: Applyment) -> Applyment:
        lookups = {"applyment_id": str(made.applyment_id), "new": made.sub_mchid}
        self._store.put(_KIND, made.number, asdict(made), **lookups)
        return made


def _account(made: Applyment) -> dict[str, Any]:
    info = made.asked["account_info"]
    public = info["bank_account_type"] == _PUBLIC
    names = ("account_bank", "bank_name", "bank_branch_id", "account_number")
    account = {name: info[name] for name in names if name in info}
    return {"account_type": f"ACCOUNT_TYPE_{'BUSINESS' if public else 'PRIVATE'}", **account}


def _masked(number: str) -> str:
    return f"{'*' * max(len(number) - 4, 0)}{number[-4:]}"
