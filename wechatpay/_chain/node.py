"""The chain: a path as attributes and strings, ending in a verb. Knows nothing of HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Protocol

from .ending import shown
from .path import join, literal, segment
from .verbs import METHODS

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    import httpx
    from typing_extensions import Never


class Sender(Protocol):
    """What a node needs of its client."""

    def send(self, method: str, template: str, arguments: dict[str, Any]) -> httpx.Response:
        """Make a call and return its verified answer."""
        ...

    async def send_async(
        self, method: str, template: str, arguments: dict[str, Any]
    ) -> httpx.Response:
        """Make a call and return its verified answer, without blocking."""
        ...


class _Described:
    """The `__doc__` of a class each of whose instances has a description of its own.

    `help` and IPython show an object's `__doc__` where it is not that of its class.
    """

    def __init__(self, text: str | None, of: Callable[[Any], str]) -> None:
        self._text = text
        self._of = of

    def __get__(self, node: Node | None, owner: type) -> str | None:
        return self._text if node is None else self._of(node)


class Node:
    """A path below a client: an immutable value, equal to any node of the same client and path.

    Every attribute but `chain` and the verbs (`get post put patch delete`, each also with `_async`)
    is one more segment; a string in brackets is a literal URI template. `str(node)` is the path.
    """

    __slots__ = ("_path", "_sender")
    _path: str
    _sender: Sender

    if not TYPE_CHECKING:
        __doc__ = _Described(__doc__, lambda node: node._about())

    # Without these two, having __getitem__ would make `list(node)` endless.
    __iter__: ClassVar[None] = None
    __contains__: ClassVar[None] = None

    def __init__(self, sender: Sender, path: str) -> None:
        object.__setattr__(self, "_sender", sender)
        object.__setattr__(self, "_path", path)

    # To a type checker, a documented path is a node that has no more than is documented.
    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> AnyVerb: ...

    else:

        def __getattr__(self, name: str) -> Node:
            verb = VERBS.get(name)
            if verb:
                return verb(self._sender, self._path, name)
            # First, for it refuses `_sender`: so an object without `__init__` does not recurse.
            addition = segment(name)
            return Node(self._sender, join(self._path, addition))

        def __call__(self, /, *_: Any, **__: Any) -> NoReturn:
            # Only a mistake comes here, so nobody else pays for importing it.
            from .slips import called

            raise TypeError(called(self._path))

    def __getitem__(self, template: str) -> Node:
        return self.chain(template)

    def chain(self, template: str) -> Node:
        """Return the node that `template` leads to from here.

        Args:
            template: A path, or a URI template (RFC 6570) with placeholders as `{name}` or
                `<name>`. It is taken literally: case and underscores stay as they are.

        Raises:
            PathError: `template` is not a path and nothing else.
        """
        return Node(self._sender, join(self._path, literal(template)))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"a path cannot be changed: {name} was not set")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"a path cannot be changed: {name} was not deleted")

    def __str__(self) -> str:
        return shown(self._path)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {shown(self._path)}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Node):
            return NotImplemented
        return self._sender is other._sender and self._path == other._path

    def __hash__(self) -> int:
        return hash((id(self._sender), self._path))

    def __copy__(self) -> Node:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Node:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a node belongs to a client and its keys: pickle str(node) instead")

    def __dir__(self) -> list[str]:
        # Only completion needs the catalogue, so calls do not pay for loading it.
        from .hints import attributes

        return ["chain", *(attributes(self._path) or VERBS)]

    def _ipython_key_completions_(self) -> list[str]:
        from .hints import paths

        return paths(self._path)

    def _about(self) -> str:
        # Only asking for help needs the catalogue.
        from .about import about

        return about(self._path)


class _Callable(Node):
    """A node whose last segment is a verb's name: calling it sends that verb to its parent."""

    __slots__ = ("_method", "_parent")
    if not TYPE_CHECKING:
        __doc__ = _Described(__doc__, lambda node: node._about())
    _method: str
    _parent: str

    def __init__(self, sender: Sender, parent: str, name: str) -> None:
        super().__init__(sender, join(parent, name))
        object.__setattr__(self, "_parent", parent)
        object.__setattr__(self, "_method", name.partition("_")[0].upper())

    def _about(self) -> str:
        from .about import about

        return about(self._parent, self._method.lower())


class Verb(_Callable):
    """`node.post(…)` and its siblings: signs, sends, verifies, returns.

    A call takes keyword arguments only: a value (`str` or `int`) for every placeholder of the path,
    and these options, unless a placeholder has the same name:

    * `json`: the body of an APIv3 call; what is `None` in a mapping is left out, and
      `wechatpay.NULL` sends a null. `xml`: the fields of an APIv2 call, whose answer
      `wechatpay.xml.fields` reads. `content`: a body of your own, as `bytes` or text.
    * `params` (or `query`): the query, as a mapping or pairs; `None` values are left out.
    * `media`: a file to upload, as a path, bytes, a file object or `Media`.
    * `sink`: a path or file object for the answer's body, which is then not held in memory.
    * `encrypt`: `False` sends sensitive fields as they are. Those of APIv2 always are: encrypt
      them by `wechatpay.crypto.rsa`, with the key that `v2/risk/getpublickey` answers.
    * `headers`: more headers, as a mapping.
    * `timeout`: seconds for connecting, reading and writing each, or an `httpx.Timeout`.
    * `base_url` (or `base_uri`): another of WeChat Pay's hosts, with its path prefix.
    * `security`: mutual TLS with the client's `merchant` certificate.
    * `nonceless`: an APIv2 call without `nonce_str`.
    * `agent_secret`: the secret of the WeChat Work (WeCom) app that pays, for `workwx_sign`.

    Raises:
        PathError: Placeholders or arguments do not fit the path; nothing was signed.
        ConfigurationError: The client has no key for this call; nothing was sent.
        VerificationError: The answer is not provably WeChat Pay's.
        TransportError: No whole answer came.
        APIError: WeChat Pay refused.
    """

    __slots__ = ()

    if not TYPE_CHECKING:
        __doc__ = _Described(__doc__, lambda node: node._about())

    def __call__(self, /, *unnamed: Never, **arguments: Any) -> httpx.Response:
        if unnamed:
            raise _unnamed(self._parent, unnamed)
        return self._sender.send(self._method, self._parent, arguments)


class AsyncVerb(_Callable):
    """`await node.post_async(…)` and its siblings; the arguments and errors are `Verb`'s."""

    __slots__ = ()

    if not TYPE_CHECKING:
        __doc__ = _Described(__doc__, lambda node: node._about())

    def __call__(self, /, *unnamed: Never, **arguments: Any) -> Coroutine[Any, Any, httpx.Response]:
        if unnamed:
            raise _unnamed(self._parent, unnamed)
        return self._sender.send_async(self._method, self._parent, arguments)


def _unnamed(path: str, values: tuple[object, ...]) -> TypeError:
    from .slips import positional

    return TypeError(positional(path, values))


if TYPE_CHECKING:

    class AnyAnswer(httpx.Response, Coroutine[Any, Any, httpx.Response]):
        """An answer, or what one is awaited from."""

    class AnyVerb(Node):
        """What follows a node of which nothing is known: a path, or a verb of either kind."""

        def __call__(self, /, **arguments: Any) -> AnyAnswer: ...


VERBS: dict[str, type[Verb | AsyncVerb]] = {
    **dict.fromkeys(METHODS, Verb),
    **dict.fromkeys([f"{name}_async" for name in METHODS], AsyncVerb),
}
"""A verb's name on a node, and the class of what it gives."""
