"""`wechatpay._chain.template`: RFC 6570's own examples; whatever is not a template is refused."""

from __future__ import annotations

import contextlib
import enum
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wechatpay import PathError
from wechatpay._chain.template import encode, parse

if TYPE_CHECKING:
    from wechatpay._chain.template import Value

VALUES: dict[str, Value] = {
    "count": ["one", "two", "three"],
    "dom": ["example", "com"],
    "dub": "me/too",
    "hello": "Hello World!",
    "half": "50%",
    "var": "value",
    "who": "fred",
    "base": "http://example.com/home/",
    "path": "/foo/bar",
    "list": ["red", "green", "blue"],
    "keys": {"semi": ";", "dot": ".", "comma": ","},
    "v": "6",
    "x": "1024",
    "y": "768",
    "empty": "",
    "empty_keys": {},
    "undef": None,
    "semi": ";",
    "year": ["1965", "2000", "2012"],
    "username": "fred",
    "term": "dog",
    "q": "chien",
    "lang": "fr",
    "none": [],
}
"""The variables of the RFC's sections 1.1, 2.4 and 3.2, and one list that is empty."""

SECTIONS = {
    "1.1 overview": """
        http://example.com/~{username}/            http://example.com/~fred/
        http://example.com/dictionary/{term:1}/{term}  http://example.com/dictionary/d/dog
        http://example.com/search{?q,lang}         http://example.com/search?q=chien&lang=fr
    """,
    "1.2 level 1": """
        {var}                   value
        {hello}                 Hello%20World%21
    """,
    "1.2 level 2": """
        {+var}                  value
        {+hello}                Hello%20World!
        {+path}/here            /foo/bar/here
        here?ref={+path}        here?ref=/foo/bar
        X{#var}                 X#value
        X{#hello}               X#Hello%20World!
    """,
    "1.2 level 3": """
        map?{x,y}               map?1024,768
        {x,hello,y}             1024,Hello%20World%21,768
        {+x,hello,y}            1024,Hello%20World!,768
        {+path,x}/here          /foo/bar,1024/here
        {#x,hello,y}            #1024,Hello%20World!,768
        {#path,x}/here          #/foo/bar,1024/here
        X{.var}                 X.value
        X{.x,y}                 X.1024.768
        {/var}                  /value
        {/var,x}/here           /value/1024/here
        {;x,y}                  ;x=1024;y=768
        {;x,y,empty}            ;x=1024;y=768;empty
        {?x,y}                  ?x=1024&y=768
        {?x,y,empty}            ?x=1024&y=768&empty=
        ?fixed=yes{&x}          ?fixed=yes&x=1024
        {&x,y,empty}            &x=1024&y=768&empty=
    """,
    # Level 4's examples are all repeated in section 3.2.
    "2.4 modifiers": """
        {var:20}                value
        {semi}                  %3B
        {semi:2}                %3B
        find{?year*}            find?year=1965&year=2000&year=2012
    """,
    "3.2.1 variables": """
        {count}                 one,two,three
        {count*}                one,two,three
        {/count}                /one,two,three
        {/count*}               /one/two/three
        {;count}                ;count=one,two,three
        {;count*}               ;count=one;count=two;count=three
        {?count}                ?count=one,two,three
        {?count*}               ?count=one&count=two&count=three
        {&count*}               &count=one&count=two&count=three
    """,
    "3.2.2 simple": """
        {var}                   value
        {hello}                 Hello%20World%21
        {half}                  50%25
        O{empty}X               OX
        O{undef}X               OX
        {x,y}                   1024,768
        {x,hello,y}             1024,Hello%20World%21,768
        ?{x,empty}              ?1024,
        ?{x,undef}              ?1024
        ?{undef,y}              ?768
        {var:3}                 val
        {var:30}                value
        {list}                  red,green,blue
        {list*}                 red,green,blue
        {keys}                  semi,%3B,dot,.,comma,%2C
        {keys*}                 semi=%3B,dot=.,comma=%2C
    """,
    "3.2.3 reserved": """
        {+var}                  value
        {+hello}                Hello%20World!
        {+half}                 50%25
        {base}index             http%3A%2F%2Fexample.com%2Fhome%2Findex
        {+base}index            http://example.com/home/index
        O{+empty}X              OX
        O{+undef}X              OX
        {+path}/here            /foo/bar/here
        here?ref={+path}        here?ref=/foo/bar
        up{+path}{var}/here     up/foo/barvalue/here
        {+x,hello,y}            1024,Hello%20World!,768
        {+path,x}/here          /foo/bar,1024/here
        {+path:6}/here          /foo/b/here
        {+list}                 red,green,blue
        {+list*}                red,green,blue
        {+keys}                 semi,;,dot,.,comma,,
        {+keys*}                semi=;,dot=.,comma=,
    """,
    "3.2.4 fragment": """
        {#var}                  #value
        {#hello}                #Hello%20World!
        {#half}                 #50%25
        foo{#empty}             foo#
        foo{#undef}             foo
        {#x,hello,y}            #1024,Hello%20World!,768
        {#path,x}/here          #/foo/bar,1024/here
        {#path:6}/here          #/foo/b/here
        {#list}                 #red,green,blue
        {#list*}                #red,green,blue
        {#keys}                 #semi,;,dot,.,comma,,
        {#keys*}                #semi=;,dot=.,comma=,
    """,
    "3.2.5 label": """
        {.who}                  .fred
        {.who,who}              .fred.fred
        {.half,who}             .50%25.fred
        www{.dom*}              www.example.com
        X{.var}                 X.value
        X{.empty}               X.
        X{.undef}               X
        X{.var:3}               X.val
        X{.list}                X.red,green,blue
        X{.list*}               X.red.green.blue
        X{.keys}                X.semi,%3B,dot,.,comma,%2C
        X{.keys*}               X.semi=%3B.dot=..comma=%2C
        X{.empty_keys}          X
        X{.empty_keys*}         X
    """,
    "3.2.6 path": """
        {/who}                  /fred
        {/who,who}              /fred/fred
        {/half,who}             /50%25/fred
        {/who,dub}              /fred/me%2Ftoo
        {/var}                  /value
        {/var,empty}            /value/
        {/var,undef}            /value
        {/var,x}/here           /value/1024/here
        {/var:1,var}            /v/value
        {/list}                 /red,green,blue
        {/list*}                /red/green/blue
        {/list*,path:4}         /red/green/blue/%2Ffoo
        {/keys}                 /semi,%3B,dot,.,comma,%2C
        {/keys*}                /semi=%3B/dot=./comma=%2C
    """,
    "3.2.7 parameters": """
        {;who}                  ;who=fred
        {;half}                 ;half=50%25
        {;empty}                ;empty
        {;v,empty,who}          ;v=6;empty;who=fred
        {;v,bar,who}            ;v=6;who=fred
        {;x,y}                  ;x=1024;y=768
        {;x,y,empty}            ;x=1024;y=768;empty
        {;x,y,undef}            ;x=1024;y=768
        {;hello:5}              ;hello=Hello
        {;list}                 ;list=red,green,blue
        {;list*}                ;list=red;list=green;list=blue
        {;keys}                 ;keys=semi,%3B,dot,.,comma,%2C
        {;keys*}                ;semi=%3B;dot=.;comma=%2C
    """,
    "3.2.8 query": """
        {?who}                  ?who=fred
        {?half}                 ?half=50%25
        {?x,y}                  ?x=1024&y=768
        {?x,y,empty}            ?x=1024&y=768&empty=
        {?x,y,undef}            ?x=1024&y=768
        {?var:3}                ?var=val
        {?list}                 ?list=red,green,blue
        {?list*}                ?list=red&list=green&list=blue
        {?keys}                 ?keys=semi,%3B,dot,.,comma,%2C
        {?keys*}                ?semi=%3B&dot=.&comma=%2C
    """,
    "3.2.9 continuation": """
        {&who}                  &who=fred
        {&half}                 &half=50%25
        ?fixed=yes{&x}          ?fixed=yes&x=1024
        {&x,y,empty}            &x=1024&y=768&empty=
        {&x,y,undef}            &x=1024&y=768
        {&var:3}                &var=val
        {&list}                 &list=red,green,blue
        {&list*}                &list=red&list=green&list=blue
        {&keys}                 &keys=semi,%3B,dot,.,comma,%2C
        {&keys*}                &semi=%3B&dot=.&comma=%2C
    """,
}
EXAMPLES = [
    pytest.param(*line.split(), id=f"{section.split()[0]}-{line.split()[0]}")
    for section, table in SECTIONS.items()
    for line in table.strip().splitlines()
]

texts = st.text(st.characters(exclude_categories=["Cs"]))
template_like = st.text() | st.text(st.sampled_from("{}{}{}+#./;?&=!,:*%0a_Z9<>é \\"))


@pytest.mark.parametrize(("template", "expected"), EXAMPLES)
def test_the_rfc_s_examples_hold(template: str, expected: str) -> None:
    """Every example of the RFC expands to what the RFC says."""
    assert parse(template).expand(VALUES) == expected


class Bank(str, enum.Enum):
    CMB = "CMB_DEBIT"


class Year(enum.IntEnum):
    LAST = 2025


@pytest.mark.parametrize(
    ("template", "values", "expected"),
    [
        ("{x}", {"x": 20140703}, "20140703"),
        ("{x:3}", {"x": 20140703}, "201"),
        ("{x}", {"x": -1}, "-1"),
        ("{x:2}", {"x": "支付成功"}, "%E6%94%AF%E4%BB%98"),
        ("{x}/{y}", {"x": Bank.CMB, "y": Year.LAST}, "CMB_DEBIT/2025"),
        ("{x*}", {"x": [Bank.CMB, Year.LAST]}, "CMB_DEBIT,2025"),
        ("{x}", {"x": {"é": 1}}, "%C3%A9,1"),
        ("{?x*}", {"x": {"é": "", "b": 1}}, "?%C3%A9=&b=1"),
        ("{;x*}", {"x": {"a": ""}}, ";a"),
        ("{+x}", {"x": "50%,%e9,é"}, "50%25,%e9,%C3%A9"),
        ("{x}", {"x": "%e9"}, "%25e9"),
        ("{%41b.c}", {"%41b.c": 1}, "1"),
        ("{?none,x*}", {"none": [], "x": []}, ""),
        ("é/%e9/~!$&'()*+,;=:@", {}, "%C3%A9/%e9/~!$&'()*+,;=:@"),
        ("", {}, ""),
    ],
)
def test_values_and_literals_go_beyond_the_examples(
    template: str, values: dict[str, Value], expected: str
) -> None:
    """Numbers, enums, other scripts, `%XX` triplets and odd names expand as the RFC's text says."""
    assert parse(template).expand(values) == expected


@pytest.mark.parametrize(
    "template",
    [
        *("{", "}", "{x", "x}", "a{x}}", "{{x}}", "{}", "{+}", "{?}", "{,x}", "{x,}", "{x,,y}"),
        *("{=x}", "{!x}", "{@x}", "{|x}", "{x y}", "{ x}", "{x-y}", "{é}", "{x.}", "{.x.}", "{%4}"),
        *("{x:}", "{x:0}", "{x:01}", "{x:-1}", "{x:10000}", "{x*:3}", "{x:3*}", "{x**}", "{++x}"),
        *("a b", 'a"b', "<x>", "a\\b", "a^b", "a`b", "a|b", "a\x00b", "a\nb", "a\x7fb"),
        *("50%", "%4", "%zz", "a\ud800b"),
    ],
)
def test_what_is_no_template_is_refused(template: str) -> None:
    """A stray brace, a name or operator that is none, or a character no URI may hold: PathError."""
    with pytest.raises(PathError):
        parse(template)


def test_an_error_holds_the_template() -> None:
    """The template at fault hangs on to its error."""
    with pytest.raises(PathError, match=r"'}' at position 6") as caught:
        parse("v3/{x}}")
    assert caught.value.template == "v3/{x}}"


@pytest.mark.parametrize("value", [["a"], {"a": "b"}])
def test_a_prefix_is_of_text_alone(value: Value) -> None:
    """A list or a mapping has no first characters."""
    with pytest.raises(PathError, match=r"\{x:3\} takes text"):
        parse("{x:3}").expand({"x": value})


@pytest.mark.parametrize("template", ["{x}", "{+x}", "{?x*}"])
def test_half_a_surrogate_pair_is_refused(template: str) -> None:
    """A value that UTF-8 cannot say is a PathError, and not an error of the codec."""
    with pytest.raises(PathError, match="surrogate"):
        parse(template).expand({"x": "\udc80"})


@pytest.mark.parametrize(
    ("template", "names", "plain"),
    [
        ("v3/{b}/{a}/{b}", ("b", "a"), True),
        ("v3", (), True),
        ("{a}{b.c}", ("a", "b.c"), True),
        ("{a,b}", ("a", "b"), False),
        ("{+a}", ("a",), False),
        ("{a*}", ("a",), False),
        ("{b:3}{a}", ("b", "a"), False),
    ],
)
def test_a_template_knows_its_names(template: str, names: tuple[str, ...], plain: bool) -> None:
    """Placeholders are known once each, in order, and whether all of them are bare names."""
    compiled = parse(template)
    assert (compiled.names, compiled.plain) == (names, plain)


@given(texts)
def test_a_value_can_be_read_back(value: str) -> None:
    """What `{x}` makes of any text has unreserved characters only, and decodes to that text."""
    expanded = parse("{x}").expand({"x": value})
    assert re.fullmatch(r"(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})*", expanded)
    assert unquote(expanded, errors="strict") == value


@given(texts)
def test_reserved_encoding_is_done_once(value: str) -> None:
    """What `{+x}` made is left as it is when it is encoded again."""
    once = encode(value, reserved=True)
    assert encode(once, reserved=True) == once
    assert unquote(once) == unquote(value)


@given(template_like)
@example("{" * 5000)
@example("{" + "x," * 5000 + "}")
@example("%4" * 5000)
def test_the_parser_raises_nothing_else(text: str) -> None:
    """Whatever text it is given, the parser returns a template or raises PathError."""
    with contextlib.suppress(PathError):
        assert parse(text).source == text


@given(template_like, st.dictionaries(st.sampled_from("aZ09_"), texts | st.integers()))
def test_expansion_makes_ascii(text: str, values: dict[str, str | int]) -> None:
    """Whatever a template and its values are, what comes out can go on the wire."""
    with contextlib.suppress(PathError):
        expanded = parse(text).expand(values)
        assert expanded.isascii()
        assert expanded.isprintable()
        assert " " not in expanded
