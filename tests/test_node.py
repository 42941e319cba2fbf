"""`wechatpay._chain.node`: nodes are immutable values, and no probing tool is misled."""

from __future__ import annotations

import asyncio
import copy
import ctypes
import gc
import inspect
import io
import pickle
import pprint
import sys
import threading
import tracemalloc
import weakref
from collections.abc import Callable, Container, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest import mock

import httpx
import pytest

from wechatpay import AsyncVerb, Node, PathError, Verb, WeChatPay

VERBS = ("get", "post", "put", "patch", "delete")
PROBED = [
    *("__wrapped__", "__len__", "__array__", "__array_interface__", "__fspath__", "__index__"),
    *("__await__", "__enter__", "__next__", "__call__", "__rich__", "__rich_repr__", "__html__"),
    *("__rich_console__", "__getstate__x", "__deepcopy__x", "__conform__", "__torch_function__"),
    *("_repr_html_", "_repr_png_", "_repr_mimebundle_", "_repr_pretty_", "_repr_latex_"),
    *("_ipython_display_", "_ipython_canary_method_should_not_exist_", "_as_parameter_"),
    *("_mime_", "_display_", "_asdict", "_fields", "_mock_methods", "_is_coroutine", "_x", "_"),
]

MISUSES: list[Callable[[Any], object]] = [
    *(list, iter, len, dict, reversed, next, int, sum),
    lambda node: "pay" in node,
    lambda node: node < node,
    lambda node: [*node],
]
"""What Python does with containers and numbers."""

Sent = tuple[str, str, dict[str, Any]]


class Recorder:
    """In the place of a client: notes what is to be sent, and answers 204."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []

    def send(self, method: str, template: str, arguments: dict[str, Any]) -> httpx.Response:
        """Note a call."""
        self.sent.append((method, template, arguments))
        return httpx.Response(204)

    async def send_async(
        self, method: str, template: str, arguments: dict[str, Any]
    ) -> httpx.Response:
        """Note a call, without blocking."""
        return self.send(method, template, arguments)


@pytest.fixture
def recorder() -> Recorder:
    """What the nodes belong to."""
    return Recorder()


@pytest.fixture
def v3(recorder: Recorder) -> Node:
    """A node."""
    return Node(recorder, "v3")


SPELLINGS: list[Callable[[Node], Node]] = [
    lambda v3: v3.payscore.authorizationCode._authorization_code_.terminate,
    lambda v3: v3.chain("payscore/authorization-code/{authorization_code}/terminate"),
    lambda v3: v3["payscore/authorization-code/<authorization_code>/terminate"],
    lambda v3: v3["/payscore"].authorizationCode["{authorization_code}"].chain("/terminate"),
    lambda v3: v3.payscore["authorization-code/"]._authorization_code_.terminate_,
]


@pytest.mark.parametrize("spell", SPELLINGS)
def test_the_spellings_mix(v3: Node, spell: Callable[[Node], Node]) -> None:
    """Attributes, strings in brackets and `chain` lead to the same node, in any order."""
    node = spell(v3)
    assert str(node) == "v3/payscore/authorization-code/{authorization_code}/terminate"
    assert node == SPELLINGS[0](v3)
    assert hash(node) == hash(SPELLINGS[0](v3))


def test_an_order_number_in_a_string_is_left_alone(v3: Node) -> None:
    """What an f-string puts into a path keeps its case and its underscores."""
    openid = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
    assert str(v3[f"favor/users/{openid}/coupons"]) == f"v3/favor/users/{openid}/coupons"


@pytest.mark.parametrize(
    "text", ["https://x/v3", "a?b", "a#b", "../x", "a//b", "a\\b", "a b", "a\nb", "", "{"]
)
def test_a_string_that_is_no_path_is_refused_at_once(v3: Node, text: str) -> None:
    """The chain breaks where the mistake is, and not when it is called."""
    for spell in (v3.chain, v3.__getitem__):
        with pytest.raises(PathError):
            spell(text)


@pytest.mark.parametrize("verb", ["get", "post", "put", "patch", "delete"])
def test_a_verb_sends(v3: Node, recorder: Recorder, verb: str) -> None:
    """A verb hands its method, the path and the arguments to the client; so does its twin."""
    node = v3.pay._id_
    call, soon = getattr(node, verb), getattr(node, f"{verb}_async")
    assert isinstance(call, Verb)
    assert isinstance(soon, AsyncVerb)
    assert call(id="1", json={}).status_code == 204
    assert asyncio.run(soon(id="1", json={})).status_code == 204
    assert recorder.sent == [(verb.upper(), "v3/pay/{id}", {"id": "1", "json": {}})] * 2


def test_arguments_may_be_called_anything(v3: Node, recorder: Recorder) -> None:
    """A placeholder named `self` or `method` does not collide with the verb's own parameters."""
    given = {"self": 1, "method": 2, "template": 3, "arguments": 4}
    v3.x.get(**given)
    asyncio.run(v3.x.get_async(**given))
    assert [arguments for _, _, arguments in recorder.sent] == [given, given]


def test_values_have_names(v3: Node) -> None:
    """A verb takes no positional argument."""
    positional: Any = v3.x.get
    with pytest.raises(TypeError, match="positional"):
        positional("1")


def test_delete_is_a_verb_and_a_segment(v3: Node, recorder: Recorder) -> None:
    """A verb's name leads on to further segments, and can be called."""
    node = v3.profitsharing.receivers.delete
    node.post(json={})
    v3.x._id_.delete(id="1")
    v3.delete.delete.get.get(a=1)
    assert str(node.post) == "v3/profitsharing/receivers/delete/post"
    assert str(node._id_.get_async) == "v3/profitsharing/receivers/delete/{id}/get_async"
    assert [(method, path) for method, path, _ in recorder.sent] == [
        ("POST", "v3/profitsharing/receivers/delete"),
        ("DELETE", "v3/x/{id}"),
        ("GET", "v3/delete/delete/get"),
    ]


@pytest.mark.parametrize("name", [f"{verb}{way}" for verb in VERBS for way in ("", "_async")])
def test_a_verb_s_name_is_also_a_node(v3: Node, name: str) -> None:
    """Called or not, it equals the node of the same path, for which it can stand in."""
    node = getattr(v3.x, name)
    assert callable(node)
    assert node == v3.x[name]
    assert v3.x[name] == node
    assert hash(node) == hash(v3.x[name])
    assert repr(node) == f"<{type(node).__name__} v3/x/{name}>"


@pytest.mark.parametrize(
    "name",
    [
        *("close", "query", "send", "upload", "sign", "items", "keys", "update", "pop", "copy"),
        *("name", "path", "url", "client", "request", "options", "head", "delete_", "chain_"),
        *("encrypt", "decrypt", "download", "notification", "aclose", "count", "index", "format"),
    ],
)
def test_no_other_name_is_taken(v3: Node, name: str) -> None:
    """Whatever real segments are called, they are nodes; calling one says what was meant."""
    node = getattr(v3, name)
    assert type(node) is Node
    assert str(node) == f"v3/{name.removesuffix('_')}"
    with pytest.raises(TypeError, match=r"a path is not called[,;] .* verb"):
        node()  # type: ignore[operator]  # pyright: ignore[reportCallIssue]


def test_the_public_names_are_chain_and_the_verbs(v3: Node) -> None:
    """`dir` of an undocumented path shows them, and the class has nothing more."""
    verbs = ["get", "post", "put", "patch", "delete"]
    names = {"chain", *verbs, *(f"{verb}_async" for verb in verbs)}
    assert names == set(dir(v3.undocumented))
    assert {name for name in vars(Node) if not name.startswith("_")} == {"chain"}


def test_a_node_is_equal_by_client_and_path(recorder: Recorder) -> None:
    """The path decides, but only among nodes of one client."""
    node, other = Node(recorder, "v3/pay"), Node(Recorder(), "v3/pay")
    assert node == Node(recorder, "v3").pay
    assert node != Node(recorder, "v3/PAY")
    assert node != other
    assert node != "v3/pay"
    assert len({node, Node(recorder, "v3/pay"), other}) == 2


def test_a_node_cannot_be_changed(v3: Node) -> None:
    """Neither setting nor deleting an attribute or an item works, its own state included."""
    for name in ("x", "_path", "_sender", "__class__", "get"):
        with pytest.raises(AttributeError, match=f"{name} was not set"):
            setattr(v3, name, None)
        with pytest.raises(AttributeError, match=f"{name} was not deleted"):
            delattr(v3, name)
    node: Any = v3
    with pytest.raises(TypeError):
        node["x"] = 1
    with pytest.raises(TypeError):
        del node["x"]
    assert (str(v3), hasattr(v3, "__dict__")) == ("v3", False)


@pytest.mark.untraced
def test_nodes_are_not_kept(v3: Node, recorder: Recorder) -> None:
    """Two like nodes are two objects, and order numbers in paths leave nothing behind."""
    assert v3.pay is not v3.pay
    held: list[int] = []
    tracemalloc.start()
    try:
        for first in (0, 3000):  # what keeps the last thousand or so is full after the first time
            for number in range(first, first + 3000):
                str(v3[f"orders/{number}"].close)
            gc.collect()
            held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert held[1] - held[0] < 50_000
    assert recorder.sent == []


def test_a_copy_is_the_node_itself(v3: Node) -> None:
    """What cannot change need not be copied, be it deeply or inside something else."""
    for node in (v3.pay, v3.pay.get, v3.pay.get_async):
        assert copy.copy(node) is node
        assert copy.deepcopy({"a": [node]}) == {"a": [node]}
        assert copy.deepcopy([node])[0] is node


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_node_refuses_pickling(v3: Node, protocol: int) -> None:
    """It belongs to a client and its keys; the error says what to pickle instead."""
    for node in (v3, v3.get):
        with pytest.raises(TypeError, match=r"pickle str\(node\) instead"):
            pickle.dumps(node, protocol)


@pytest.mark.parametrize("name", PROBED)
def test_probed_names_do_not_exist(v3: Node, recorder: Recorder, name: str) -> None:
    """What tools ask every object for is not there, on a node as on a verb."""
    for node in (v3, v3.get_async):
        if name == "__call__" and callable(node):
            continue
        with pytest.raises(AttributeError, match=f"'{name}'"):
            getattr(node, name)
    assert recorder.sent == []


def test_a_half_built_node_does_not_recurse() -> None:
    """An object that `__init__` never saw raises AttributeError, whatever it is asked for."""
    for name in ("x", "_sender", "_path", "get"):
        with pytest.raises(AttributeError):
            getattr(Node.__new__(Node), name)


def test_a_node_is_no_container(v3: Node) -> None:
    """`list(node)` ends, `in` is refused, and no abstract type takes it for one of its own."""
    for node in (v3, v3.get):
        thing: Any = node
        for misuse in MISUSES:
            with pytest.raises(TypeError):
                misuse(thing)
        assert not isinstance(thing, (Iterable, Container, Mapping))
    assert (Node.__iter__, Node.__contains__) == (None, None)


def test_probing_tools_find_nothing_to_call(v3: Node, recorder: Recorder) -> None:
    """Inspection, printing, mocking, ctypes and IPython's habits neither fail nor send anything."""
    for node in (v3.pay, v3.pay.get, v3.pay.get_async):
        assert inspect.unwrap(node) is node  # pyright: ignore
        inspect.getmembers(node)
        inspect.getdoc(node)
        assert not inspect.isawaitable(node)
        assert not inspect.iscoroutinefunction(node)
        assert not inspect.isgenerator(node)
        pprint.pprint({"node": node}, stream=io.StringIO())
        mock.create_autospec(node, instance=True)
        with pytest.raises(ctypes.ArgumentError):
            ctypes.pythonapi.PyLong_AsLong(node)
        with pytest.raises(TypeError):
            weakref.ref(node)
        assert bool(node)
        assert sys.getsizeof(node) < 100
    assert recorder.sent == []


def test_a_repr_shows_the_path_alone(make_client: Callable[..., WeChatPay]) -> None:
    """A node of a real client tells nothing of its keys."""
    node = make_client(secret="s" * 32).v3.pay
    assert (repr(node), str(node)) == ("<Node v3/pay>", "v3/pay")


def test_threads_share_nodes(v3: Node, recorder: Recorder) -> None:
    """Building and calling from many threads at once mixes nothing up."""
    ready = threading.Barrier(8)

    def build(number: int) -> None:
        ready.wait()
        for step in range(200):
            v3.orders._id_[f"n{number}"].delete.post(id=number, step=step)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(build, range(8)))
    assert len(recorder.sent) == 1600
    for method, path, arguments in recorder.sent:
        assert (method, path) == ("POST", f"v3/orders/{{id}}/n{arguments['id']}/delete")
