"""`wechatpay.xml`: what is written, what is read, and what is refused."""

import cProfile
import enum
import pickle
import subprocess
import sys
import tracemalloc
from collections.abc import Generator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any, cast
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wechatpay.errors import WeChatPayError
from wechatpay.xml import MAX_DEPTH, MAX_SIZE, XMLError, dumps, loads, text

SECRET = "TheContentThatNoErrorMayQuote"


class Fee(enum.IntEnum):
    CENT = 1


class Status(str, enum.Enum):
    SUCCESS = "SUCCESS"


IMPOSSIBLE = "".join(map(chr, set(range(32)) - {9, 10, 13})) + "\ufffe\uffff"
names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,8}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=IMPOSSIBLE)) | st.text(
    st.sampled_from("]>[<!&;\"'/ \r\n\t#x13CDAT-")
)
messages = st.dictionaries(names, texts)


def as_etree(element: "ElementTree.Element") -> Any:
    """Read a document with another parser, one level of text or mappings all the way down."""
    children = {child.tag: as_etree(child) for child in element}
    return children or element.text or ""


@contextmanager
def bounded(*, functions: float, megabytes: float) -> Generator[None, None, None]:
    """Fail when the block enters more functions, or holds more memory at once."""
    profile = cProfile.Profile()
    tracemalloc.start()
    profile.enable()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        profile.disable()
        tracemalloc.stop()
    assert sum(entry.callcount for entry in profile.getstats()) < functions
    assert peak < megabytes * 2**20


# What is written


def test_the_official_example_is_written_field_by_field() -> None:
    """A message is its fields in the order given, in one element, without a declaration."""
    fields = {"appid": "wxd930ea5d5a258f4f", "mch_id": "10000100", "body": "测试"}
    assert (
        dumps(fields)
        == (
            "<xml><appid>wxd930ea5d5a258f4f</appid><mch_id>10000100</mch_id><body>测试</body></xml>"
        ).encode()
    )


def test_the_root_has_any_name() -> None:
    """The decrypted part of a refund notice is called ``root``."""
    assert dumps({"refund_id": "5"}, "root") == b"<root><refund_id>5</refund_id></root>"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("", ""),
        ("plain ]] text", "plain ]] text"),
        ("a < b", "<![CDATA[a < b]]>"),
        ('{"a": 1}', '<![CDATA[{"a": 1}]]>'),
        ("&amp;", "<![CDATA[&amp;]]>"),
        ("]]>", "<![CDATA[]]]]><![CDATA[>]]>"),
        ("]]>]]>", "<![CDATA[]]]]><![CDATA[>]]]]><![CDATA[>]]>"),
        ("\r\n<&>", "&#13;\n&lt;&amp;&gt;"),
    ],
)
def test_text_that_needs_it_is_wrapped(value: str, written: str) -> None:
    """Markup goes into CDATA, and a carriage return into a reference that survives parsers."""
    assert dumps({"a": value}) == f"<xml><a>{written}</a></xml>".encode()
    assert loads(dumps({"a": value})) == {"a": value}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-12, "-12"),
        (Fee.CENT, "1"),
        (Status.SUCCESS, "SUCCESS"),
        (1.5, "1.5"),
        (1e-7, "0.0000001"),
        (1e16, "10000000000000000"),
        (Decimal("1.10"), "1.10"),
        (Decimal("1E+3"), "1000"),
        ("a\x00b\x1f\x0bc\ufffe\uffff\ud800d", "abcd"),
    ],
)
def test_a_value_becomes_text(value: object, written: str) -> None:
    """Numbers have no exponent, booleans are words, and what XML cannot carry is removed."""
    assert text(value, "f") == written
    assert dumps({"f": value}) == f"<xml><f>{written}</f></xml>".encode()


@pytest.mark.parametrize("value", [b"bytes", date(2026, 1, 1), object(), {1, 2}, [["nested"]]])
def test_another_type_is_refused_by_name(value: object) -> None:
    """A value that has no agreed spelling is a TypeError that names its field, not its content."""
    with pytest.raises(TypeError, match="'time_start' must be text, a number or a boolean"):
        dumps({"time_start": value})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN")])
def test_a_number_that_is_none_is_refused(value: object) -> None:
    """An infinity or a NaN is a ValueError that names its field."""
    with pytest.raises(ValueError, match="'fee' must be a finite number"):
        dumps({"fee": value})


def test_none_is_left_out() -> None:
    """A field that is None, an item that is None and an empty list leave nothing behind."""
    assert dumps({"a": None, "b": {"c": [], "d": [None, "1"]}}) == b"<xml><b><d>1</d></b></xml>"


@pytest.mark.parametrize("name", ["", "a b", "1a", "a>", "<a", "a/", "中", "a:b", "-a", "a\n"])
def test_a_name_is_plain(name: str) -> None:
    """A field's name is never markup."""
    with pytest.raises(XMLError, match="cannot be the name"):
        dumps({name: "1"})
    with pytest.raises(XMLError, match="cannot be the name"):
        dumps({}, name)


def test_a_mapping_that_holds_itself_is_refused() -> None:
    """Writing ends, whatever it is given."""
    fields: dict[str, object] = {}
    fields["a"] = fields
    with pytest.raises(XMLError, match="nested"):
        dumps(fields)


@given(messages)
def test_another_parser_reads_the_same(fields: dict[str, str]) -> None:
    """What is written means the same to a parser that is not ours."""
    assert as_etree(ElementTree.fromstring(dumps(fields))) in (fields, fields or "")


# There and back


@given(messages)
def test_every_message_comes_back(fields: dict[str, str]) -> None:
    """A dictionary of text survives, from bytes and from text."""
    assert loads(dumps(fields)) == fields
    assert loads(dumps(fields).decode()) == fields


fields = names.map("f_{}".format)
nested: Any = st.recursive(
    texts,
    lambda inner: (
        st.dictionaries(fields, inner, min_size=1, max_size=3)
        | st.fixed_dictionaries({"item": st.lists(inner, min_size=1, max_size=4)})
    ),
    max_leaves=6,
)


@pytest.mark.untraced
@given(st.dictionaries(fields, nested))
def test_mappings_and_lists_come_back(fields: dict[str, Any]) -> None:
    """So do mappings, and lists of any length whose name is told."""
    assert loads(dumps(fields), lists={"item"}) == fields


def test_the_deepest_nesting_comes_back() -> None:
    """What may be written may be read: the limit is the same."""
    fields: Any = "x"
    for _ in range(MAX_DEPTH - 1):
        fields = {"a": fields}
    assert loads(dumps(fields)) == fields
    with pytest.raises(XMLError, match=f"more than {MAX_DEPTH} deep"):
        dumps({"a": fields})
    with pytest.raises(XMLError, match=f"more than {MAX_DEPTH} deep"):
        loads(b"<b>" + dumps(fields) + b"</b>")


# What is read


def test_an_answer_is_read() -> None:
    """An answer as WeChat Pay writes it becomes a flat dictionary of text."""
    answer = """<xml>
  <return_code><![CDATA[SUCCESS]]></return_code>
  <return_msg><![CDATA[]]></return_msg>
  <total_fee>1</total_fee>
  <attach> &lt;&#20013;&#x56fd;&gt; </attach>
  <detail/>
</xml>
"""
    expected = {
        "return_code": "SUCCESS",
        "return_msg": "",
        "total_fee": "1",
        "attach": " <中国> ",
        "detail": "",
    }
    assert loads(answer) == loads(answer.encode()) == loads("\ufeff" + answer) == expected


@pytest.mark.parametrize(
    "document",
    [
        '<?xml version="1.0" encoding="UTF-8"?><root><a>xy</a></root>',
        "<?xml version='1.0' encoding='utf8' standalone='yes'?><xml><a>xy</a></xml>",
        "<?xml version='1.0'?><!-- first --><xml><a>x<!-- > -->y</a></xml>",
        "<xml><a>x<![CDATA[y]]></a><?php echo ?></xml>",
        '<xml xmlns="urn:x" version="1"><a kind="<">xy</a></xml>'.replace('"<"', '"&lt;"'),
        "<xml>\x01<a>x\x00y\ufffe</a></xml>",
    ],
)
def test_what_is_not_content_is_skipped(document: str) -> None:
    """Declarations, comments, instructions, attributes and impossible characters are not read."""
    assert loads(document.encode()) == {"a": "xy"}


def test_an_empty_document_element_is_a_mapping() -> None:
    """The root is a dictionary, even of nothing."""
    assert loads(b"<xml/>") == loads("<xml> \n</xml>") == {}


RED_PACKET = "<xml><hblist>{}</hblist></xml>"
ITEM = "<hbinfo><openid>o{}</openid></hbinfo>"


def test_a_repeated_element_is_a_list() -> None:
    """Below the top level, an element that repeats is a list of what it repeats."""
    read = loads(RED_PACKET.format("".join(map(ITEM.format, "123"))))
    assert read == {"hblist": {"hbinfo": [{"openid": "o1"}, {"openid": "o2"}, {"openid": "o3"}]}}


def test_a_named_list_is_a_list_of_one() -> None:
    """A list of one is told from no list by its name only, at the top level too."""
    one = RED_PACKET.format(ITEM.format(1))
    assert loads(one)["hblist"]["hbinfo"] == {"openid": "o1"}
    assert loads(one, lists={"hbinfo"})["hblist"]["hbinfo"] == [{"openid": "o1"}]
    assert loads("<xml><mchinfo>1</mchinfo></xml>", lists=["mchinfo"]) == {"mchinfo": ["1"]}
    assert loads(dumps({"mchinfo": ["1", "2"]}), lists=["mchinfo"]) == {"mchinfo": ["1", "2"]}


# What is refused


@pytest.mark.parametrize("second", ["<sign>{}</sign>", "<sign/>", "<sign><a>1</a></sign>"])
def test_a_field_twice_is_refused(second: str) -> None:
    """No two readers may disagree about which of two fields was signed."""
    with pytest.raises(XMLError, match="repeats"):
        loads(f"<xml><sign>1</sign>{second}</xml>")


DTD = "<!DOCTYPE xml [{}]><xml><a>{}</a></xml>"
LAUGHS = "".join(f'<!ENTITY l{i + 1} "{f"&l{i};" * 10}">' for i in range(20))


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("", "no element found"),
        (SECRET, "syntax error"),
        (f"<xml><a {SECRET}/></xml>", "not well-formed"),
        (f"<xml>{SECRET}</xml>", "text beside elements"),
        (f"<xml><a><b/>{SECRET}</a></xml>", "text beside elements"),
        (f"<xml><{SECRET}></xml>", "mismatched tag"),
        (f"<xml><{SECRET}/><{SECRET}/></xml>", "repeats"),
        (f"<xml/>{SECRET}", "junk after document element"),
        (f"<xml><a>{SECRET}", "no element found"),
        (f"<xml><a>&{SECRET};</a></xml>", "undefined entity"),
        ("<xml><a>&#0;</a></xml>", "reference to invalid character number"),
        (f"<xml a='{SECRET}' a='1'/>", "duplicate attribute"),
        (f"<!DOCTYPE {SECRET}><xml/>", "document type"),
        (f'<!DOCTYPE xml SYSTEM "https://{SECRET}/a.dtd"><xml/>', "document type"),
        (DTD.format(f'<!ENTITY e "{SECRET}">', "&e;"), "document type"),
        (DTD.format('<!ENTITY e SYSTEM "file:///etc/passwd">', "&e;"), "document type"),
        (DTD.format('<!ENTITY % e SYSTEM "file:///etc/passwd"> %e;', ""), "document type"),
        (DTD.format('<!ENTITY l0 "lol">' + LAUGHS, "&l20;"), "document type"),
        (DTD.format('<!ENTITY l0 "lol">' + LAUGHS, "<b c='&l20;'/>"), "document type"),
        (DTD.format(f'<!ENTITY e "{"x" * 100_000}">', "&e;" * 100_000), "document type"),
        ("<?xml version='1.0' encoding='GBK'?><xml/>", "encoding other than UTF-8"),
        ("<?xml version='1.0' encoding='UTF-16'?><xml/>", "encoding other than UTF-8"),
        (f"<xml><a>{SECRET}\ud800</a></xml>", "not UTF-8"),
        ("<a>" * 10_000 + SECRET + "</a>" * 10_000, "deep"),
        ("<a>" * (MAX_SIZE // 3), "deep"),
        ("<xml>" + " " * 100_000_000 + "</xml>", "longer than"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else value,
)
def test_a_document_is_refused(document: str, reason: str) -> None:
    """Anything but plain and bounded XML is one typed error, soon, cheaply and without a quote."""
    data = document.encode("utf-8", "surrogatepass")
    for given_as in (document, data):
        with (
            bounded(functions=5000, megabytes=40),
            pytest.raises(XMLError, match=reason) as caught,
        ):
            loads(given_as)
        error = caught.value
        assert isinstance(error, WeChatPayError)
        assert isinstance(error, ValueError)
        assert SECRET not in repr(error)
        # An error that holds the document would show it to whoever prints the context.
        assert error.__context__ is None
        assert str(pickle.loads(pickle.dumps(error))) == str(error)


@pytest.mark.parametrize("data", [b"<xml>\xff</xml>", b"<xml>\xc0\xbc</xml>", b"\xff\xfe<\0"])
def test_bytes_that_are_not_utf8_are_refused(data: bytes) -> None:
    """A wrong byte is refused by its place."""
    with pytest.raises(XMLError, match="not UTF-8: character"):
        loads(data)


def test_a_fault_has_a_place() -> None:
    """The error tells where to look."""
    with pytest.raises(XMLError, match=r"line 2, column 5$"):
        loads("<xml>\n<a></b></xml>")


WATCHED = """
import sys
from wechatpay.xml import XMLError, loads
loads("<xml/>")
seen = []
sys.addaudithook(lambda event, _: seen.append(event))
for kind in ("file:///etc/passwd", "http://127.0.0.1/"):
    for entity in (f'<!ENTITY e SYSTEM "{kind}">', f'<!ENTITY % e SYSTEM "{kind}"> %e;'):
        try:
            loads(f"<!DOCTYPE xml [{entity}]><xml><a>&e;</a></xml>")
        except XMLError:
            seen.append("refused")
sys.exit(seen != ["refused"] * 4 and repr(seen))
"""


def test_nothing_is_opened_or_run() -> None:
    """The interpreter sees no file, socket or process while documents ask for them."""
    subprocess.run([sys.executable, "-c", WATCHED], check=True)


@pytest.mark.untraced
@pytest.mark.parametrize("unit", ["<a><b/></a>", "<a/>", "&#65;", "<!---->", "x]]&gt;"])
def test_the_cost_of_a_document_is_a_multiple_of_its_size(unit: str) -> None:
    """The worst that is let in holds some forty times its size, so that MAX_SIZE bounds it."""
    size = 2**18
    with bounded(functions=3 * size, megabytes=40 * size / 2**20):
        loads("<xml><y>" + unit * (size // len(unit)) + "</y></xml>")


PIECES = "<xml> </xml> <a> </a> <a/> <![CDATA[ ]]> <!-- --> &amp; &#x41; &e; <?x ?> <!DOCTYPE [ ]>"
documents = st.lists(st.sampled_from([*PIECES.split(), " ", "text"])).map("".join)


@given(st.binary() | documents.map(str.encode))
def test_anything_is_a_dictionary_or_one_error(data: bytes) -> None:
    """Whatever arrives, reading ends with a dictionary that can be written, or with XMLError."""
    try:
        fields = loads(data)
    except XMLError:
        return
    assert loads(dumps(fields)) == fields


def test_importing_loads_no_parser() -> None:
    """Whoever only uses APIv3 does not pay for a parser."""
    code = "import sys, wechatpay.xml; sys.exit('pyexpat' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_name_is_text() -> None:
    """A number for a name is a TypeError that says so."""
    with pytest.raises(TypeError, match="the name of an element is text, not int"):
        dumps(cast("Any", {0: "x"}))
