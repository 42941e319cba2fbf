"""The readers of the catalogue's sources, each on a small made-up source of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from catalogue.comments import said
from catalogue.models import Item, Model, statements, walk
from catalogue.readers import (
    braces,
    java_values,
    manuals,
    official_go,
    official_java,
    official_samples,
    skit,
    website,
    wxjava,
)

Write = Callable[[str, str], None]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """What writes a file into the checkout."""

    def written(name: str, text: str) -> None:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    return written


def only(models: Iterator[Model]) -> Model:
    """Return the one model that there is."""
    (model,) = models
    return model


def items(model: Model, place: Any) -> dict[str, Item]:
    """Return every item of a part of a model by its names from the top."""
    return dict(walk(model.parts[place]))


@pytest.mark.parametrize(
    ("comment", "facts"),
    [
        ("类型：string[1, 32]", {"min_length": 1, "max_length": 32}),
        ("类型：string（64）", {"max_length": 64}),
        ("\n * 否\n * String(128)\n", {"required": False, "max_length": 128}),
        ("说明，最多允许32个字符", {"max_length": 32}),
        ("金额，单位为分", {"unit": "fen"}),
        ("单位：分钟", {"unit": "minute"}),
        ("单位名称", {}),
        ("是否必填：是", {"required": True}),
        ("与out_no二选一", {"choice": ("out_no",), "required": False}),
        ("示例值：A-1 说明", {"example": "A-1"}),
        ("只能由数字、大小写字母组成", {"pattern": "[0-9A-Za-z]*"}),
        ("遵循rfc3339标准", {"format": "rfc3339"}),
    ],
)
def test_what_a_comment_says(comment: str, facts: dict[str, Any]) -> None:
    """A comment says lengths, units, what is required, which of two, examples and alphabets."""
    assert said(comment) == facts


def test_code_without_its_comments() -> None:
    """Comments and strings are blanked, and positions stay; what does not close is an error."""
    code = braces.blanked("f(\"}\") { /* { */ g('}') // }\n }")
    assert code.index("}") == len(code) - 1
    assert braces.closing(code, code.index("{")) == len(code) - 1
    with pytest.raises(ValueError, match="does not close"):
        braces.closing("{ (", 0)


_MODEL = """
package com.example.service.thing.model;
/** made up */
public class AskRequest {
  /** 说明，单位为分 */
  @SerializedName("total")
  private Long total;
  @Encryption
  @SerializedName("secret_name")
  private String secretName;
  @SerializedName("id")
  @Expose(serialize = false)
  private String id;
  @SerializedName("when")
  @Expose(serialize = false)
  private String when;
  public enum Inner {
    /** 单位为分 */
    @SerializedName("INSIDE")
    INSIDE
  }
  @SerializedName("kinds")
  private List<Kind> kinds;
  private static final String NOT_A_FIELD = "x";
}
"""
_KIND = """
package com.example.service.thing.model;
public enum Kind {
  @SerializedName("A_ON_WIRE")
  A,
  B;
  private final int other = 1;
}
"""
_ANSWER = """
package com.example.service.thing.model;
public class Answer {
  @SerializedName("next")
  private Answer next;
  @SerializedName("opaque")
  private Elsewhere opaque;
}
"""
_SERVICE = """
package com.example.service.thing;
import com.example.service.thing.model.AskRequest;
import com.example.service.thing.model.Answer;
public class ThingService {
  public Answer ask(AskRequest request) {
    String path = "https://api.mch.weixin.qq.com/v3/things/{id}" + "/ask";
    queryParameter.add("when", x);
    HttpRequest made = new Builder().httpMethod(HttpMethod.POST).body(createRequestBody(r)).build();
    HttpResponse<Answer> answer = httpClient.execute(made, Answer.class);
    return answer.getServiceResponse();
  }
  public void other() { int nothing = 1; }
}
"""


def test_the_official_java(write: Write, tmp_path: Path) -> None:
    """A service's call is read with its path, query, body, marks, values and answer."""
    code = "service/src/main/java/com/example/service/thing"
    write(f"{code}/ThingService.java", _SERVICE)
    for name, text in (("AskRequest", _MODEL), ("Kind", _KIND), ("Answer", _ANSWER)):
        write(f"{code}/model/{name}.java", text)
    model = only(official_java.read(tmp_path))
    assert (model.verb, model.path, model.mode) == ("post", "v3/things/{id}/ask", "")
    assert list(items(model, "path")) == ["id"]
    assert list(items(model, "query")) == ["when"]
    body = items(model, "body")
    assert body["total"].type == "integer"
    assert body["total"].unit == "fen"
    assert body["secret_name"].sealed
    assert body["kinds"].type == "array<string>"
    assert (body["kinds"].values, body["kinds"].closed) == (("A_ON_WIRE", "B"), True)
    assert list(body) == ["total", "secret_name", "kinds"]
    assert body["kinds"].unit is None
    # A class within itself ends there, and one that is nowhere is an object of no known fields.
    assert items(model, "reply")["next"].fields == {}
    assert items(model, "reply")["opaque"].type == "object"
    assert body["total"].says.endswith("AskRequest.java:7")


_GO_MODELS = """
package things

type AskRequest OldRequest

// OldRequest made up
type OldRequest struct {
	// 说明，单位为分
	Total *int64 `json:"total"`
	Id *string `json:"id"`
	When *time.Time `json:"when,omitempty"`
	Parts []Part `json:"parts,omitempty"`
	Name *string `json:"name,omitempty" encryption:"EM_APIV3"`
	Kind *Kind `json:"kind,omitempty"`
}

type Part struct {
	Count *int64 `json:"count"`
}

type Kind string

const (
	KIND_A Kind = "A"
	KIND_B Kind = "B"
)

type Answer struct {
	State *string `json:"state"`
}
"""
_GO_CALLS = """
package things

// Ask made up
//
// |名称|状态码|描述示例|原因|解决方案
// |-|-|-|-|-|
// |NOT_ENOUGH|403|少|少|多|
// |SLOW|没有|慢|慢|请使用相同参数重新调用|
// |NOT\\_A_CODE?|没有|慢
func (a *ThingsApiService) Ask(ctx context.Context, req AskRequest) (resp *Answer, err error) {
	localVarHTTPMethod = nethttp.MethodPost
	localVarPath := consts.Server + "/v3/partner/things/{id}"
	if req.When == nil {
		return nil, err
	}
	localVarQueryParams.Add("when", x)
	localVarPostBody = req
	return resp, nil
}
"""


def test_the_official_go(write: Write, tmp_path: Path) -> None:
    """A call is read with what is required, marked, listed, refused and answered."""
    write("services/things/models.go", _GO_MODELS)
    write("services/things/api_things.go", _GO_CALLS)
    write("services/things/api_things_example_test.go", _GO_CALLS)
    model = only(official_go.read(tmp_path))
    assert (model.verb, model.path, model.mode) == ("post", "v3/partner/things/{id}", "partner")
    assert model.errors == (("NOT_ENOUGH", 403, False), ("SLOW", 0, True))
    assert items(model, "query")["when"].required
    assert items(model, "query")["when"].format == "rfc3339"
    body = items(model, "body")
    assert body["total"].required
    assert body["total"].unit == "fen"
    assert body["parts"].required is False
    assert body["parts/count"].required
    assert body["name"].sealed
    assert (body["kind"].values, body["kind"].closed) == (("A", "B"), True)
    assert "id" not in body
    assert items(model, "reply")["state"].type == "string"


_SAMPLE = """
package com.java.demo;
public class Ask {
  private static String METHOD = "POST";
  private static String PATH = "/v3/things/{id}";
  public static void main(String[] args) {
    Ask client = new Ask("19xxxxxxxx");
    AskRequest request = new AskRequest();
    request.id = "1"; // a comment; with a semicolon
    request.when = "2026-01-01";
    request.secret = client.encrypt("name");
    request.kind = Kind.SECOND;
    request.amount = new Amount();
    request.amount.total = 12L;
    request.amount.whole = true;
    request.parts = new ArrayList<>();
    {
      Part partsItem = new Part();
      partsItem.count = 3L;
      request.parts.add(partsItem);
    };
    try { client.run(request); } catch (Exception e) { e.printStackTrace(); }
  }
  public Answer run(AskRequest request) {
    args.put("when", request.when);
    return null;
  }
  public static class AskRequest {
    @SerializedName("id")
    @Expose(serialize = false)
    public String id;
    @SerializedName("when")
    @Expose(serialize = false)
    public String when;
    @SerializedName("secret")
    public String secret;
    @SerializedName("kind")
    public Kind kind;
    @SerializedName("amount")
    public Amount amount;
    @SerializedName("parts")
    public List<Part> parts;
    @SerializedName("left_out")
    public String leftOut;
  }
  public enum Kind {
    @SerializedName("FIRST")
    FIRST,
    @SerializedName("SECOND")
    SECOND
  }
  public static class Amount {
    @SerializedName("total")
    public Long total;
    @SerializedName("whole")
    public Boolean whole;
    @SerializedName("unset")
    public Long unset;
  }
  public static class Part {
    @SerializedName("count")
    public Long count;
  }
  public static class Answer {
    @SerializedName("state")
    public String state;
  }
}
"""
_OTHER_SAMPLE = """
package com.java.demo;
public class AskAgain {
  public static void main(String[] args) {
    AskRequest request = new AskRequest();
    request.leftOut = "x";
    try { } catch (Exception e) { }
  }
}
"""


def test_the_official_samples(write: Write, tmp_path: Path) -> None:
    """A sample says what its models have, what it sets, and what it encrypts."""
    folder = "made-up/references/2-服务商/Java"
    write(f"{folder}/Ask.java", _SAMPLE)
    write(f"{folder}/AskAgain.java", _OTHER_SAMPLE)
    first, second = official_samples.read(tmp_path)
    assert (first.verb, first.path, first.mode) == ("post", "v3/things/{id}", "partner")
    body = items(first, "body")
    assert body["secret"].sealed
    assert body["secret"].shown
    assert body["kind"].example == "SECOND"
    assert (body["left_out"].shown, body["amount/unset"].shown) == (False, False)
    assert body["parts/count"].shown
    assert list(items(first, "query")) == ["when"]
    assert items(second, "body")["left_out"].shown
    assert items(second, "body")["kind"].shown is False
    values = [each.values for each in official_samples.samples(tmp_path)]
    assert values[0]["body"]["amount"] == {"total": 12, "whole": True}
    assert values[0]["body"]["parts"] == [{"count": 3}]
    assert values[0]["path"] == {"id": "1"}


_PLAIN_SAMPLE = """
public class Look {
  private static String METHOD = "GET";
  private static String PATH = "/v3/things";
  public static void main(String[] args) { }
  public Answer run() { return null; }
  public static class Answer {
    @SerializedName("state")
    public String state;
  }
}
"""
_GO_SAMPLE = """
package main

func main() {
	request := &AskRequest{
		Id: String("1"),
		Inside: &Inside{
			SecretName: String("x"), /*请传入wxpay_utility.EncryptOAEPWithPublicKey 加密结果*/
		},
	}
}

func Ask(config *Config, request *AskRequest) (response *Answer, err error) {
	const (
		method = "%s"
		path   = "/v3/things/{id}?when=1"
	)
	query.Add("when", *request.When)
}

type AskRequest struct {
	Id *string `json:"id,omitempty"`
	When *string `json:"when,omitempty"`
	Inside *Inside `json:"inside,omitempty"`
}

type Inside struct {
	SecretName *string `json:"secret_name,omitempty"`
	Shared *Shared `json:"shared,omitempty"`
}

type Answer struct {
	State *string `json:"state,omitempty"`
}
"""
_GO_SHARED = """
package main

type Shared struct {
	Count *int64 `json:"count,omitempty"`
}

type Answer struct {
	Other *string `json:"other,omitempty"`
}
"""


def test_the_official_samples_in_go(write: Write, tmp_path: Path) -> None:
    """A sample's models are its own, else those beside it, and say nothing of what is required."""
    folder = "made-up/references/1-商户"
    write(f"{folder}/Java/Look.java", _PLAIN_SAMPLE)
    write(f"{folder}/Go/Ask.go", _GO_SAMPLE % "POST")
    write(f"{folder}/Go/Look.go", _GO_SAMPLE % "GET")
    write(f"{folder}/Go/shared.go", _GO_SHARED)
    plain, asked, looked = official_samples.read(tmp_path)
    assert (plain.path, list(plain.parts)) == ("v3/things", ["reply"])
    assert (asked.verb, asked.path, asked.mode) == ("post", "v3/things/{id}", "direct")
    assert list(items(asked, "query")) == ["when"]
    body = items(asked, "body")
    assert list(body) == ["inside", "inside/secret_name", "inside/shared", "inside/shared/count"]
    assert [name for name, item in body.items() if item.sealed] == ["inside/secret_name"]
    assert {item.required for item in body.values()} == {None}
    assert list(items(asked, "reply")) == ["state"]
    assert list(looked.parts) == ["query", "reply"]


def test_what_cannot_be_assigned_is_left_out() -> None:
    """Code that sets something other than an object's field makes nothing."""
    made = java_values.assigned("int x = 1; a.b.c = 2L; list.add(1); y.z.w = nothing;", str)
    assert made == {"a": {"b": {"c": 2}}, "y": {"z": {"w": "nothing"}}}


_SHARP_MODEL = """
namespace Made.Up
{
    public class AskThingRequest : WechatTenpayRequest
    {
        public static class Types
        {
            public class Part : OtherRequest.Types.Part
            {
            }
        }

        /// <summary>
        /// 金额（单位：分）。
        /// </summary>
        [Newtonsoft.Json.JsonProperty("total")]
        public int Total { get; set; }

        /// <summary>
        /// 如果不指定将使用构造参数。
        /// </summary>
        [Newtonsoft.Json.JsonProperty("mchid")]
        public string? MerchantId { get; set; }

        [Newtonsoft.Json.JsonProperty("names")]
        [WechatTenpaySensitiveProperty(scheme: A, algorithm: RSA_2048_ECB_X)]
        public IList<string>? Names { get; set; }

        [Newtonsoft.Json.JsonProperty("part")]
        public Types.Part? Part { get; set; }

        [Newtonsoft.Json.JsonIgnore]
        public string? When { get; set; }
    }

    public class OtherRequest
    {
        public static class Types
        {
            public class Part
            {
                [Newtonsoft.Json.JsonProperty("count")]
                public int? Count { get; set; }
            }
        }
    }

    public class AskThingResponse
    {
        [Newtonsoft.Json.JsonProperty("made")]
        [Newtonsoft.Json.JsonConverter(typeof(Rfc3339DateTimeOffsetConverter))]
        public DateTimeOffset Made { get; set; }
    }
}
"""
_SHARP_CALLS = """
namespace Made.Up
{
    public static class Extensions
    {
        /// <para>异步调用 [POST] /things/{id} 接口。</para>
        /// <![CDATA[ https://pay.weixin.qq.com/doc/v3/merchant/1 ]]>
        public static async Task<Models.AskThingResponse> ExecuteAskAsync(
            this Client client, Models.AskThingRequest request)
        {
            var flurl = client.CreateFlurlRequest(request, HttpMethod.Post, "things", request.Id)
                .SetQueryParam("when", request.When);
            return await client.SendFlurlRequestAsJsonAsync<Models.AskThingResponse>(
                flurl, data: request);
        }
    }
}
"""
_SHARP_EVENT = """
namespace Made.Up.Events
{
    /// <para>表示 THING.DONE （仅限服务商）通知的数据。</para>
    /// <para>标识此事 THING.UNDONE 通知的数据。</para>
    public class ThingResource
    {
        [Newtonsoft.Json.JsonProperty("state")]
        public string State { get; set; } = default!;
    }
}
"""


def test_the_broadest_models(write: Write, tmp_path: Path) -> None:
    """What may be null is optional, unless the client fills it in; inherited fields count."""
    code = "src/SKIT.FlurlHttpClient.Wechat.TenpayV3"
    write(f"{code}/Models/Ask.cs", _SHARP_MODEL)
    write(f"{code}/Extensions/Calls.cs", _SHARP_CALLS)
    write(f"{code}/Events/ThingResource.cs", _SHARP_EVENT)
    call, event, other = skit.read(tmp_path)
    assert (call.verb, call.path) == ("post", "v3/things/{id}")
    assert call.docs == ("https://pay.weixin.qq.com/doc/v3/merchant/1",)
    body = items(call, "body")
    assert (body["total"].required, body["total"].unit) == (True, "fen")
    assert body["mchid"].required is None
    assert (body["names"].required, body["names"].type) == (False, "array<string>")
    assert body["names"].sealed
    assert body["part/count"].type == "integer"
    assert list(items(call, "query")) == ["when"]
    assert items(call, "reply")["made"].format == "rfc3339"
    assert (event.verb, event.path, event.mode) == ("event", "v3/THING.DONE", "partner")
    assert list(items(event, "event")) == ["state"]
    assert (other.path, other.mode, other.parts) == ("v3/THING.UNDONE", "", event.parts)


_PAGE = """---
title: 问一件事
---

# {{ $frontmatter.title }} {#post}

| 请求参数 | 类型 {.type} | 描述 {.desc}
| --- | --- | ---
| id {data-required} | string | 编号
| json {data-required} | object {data-tooltip="x"} | 数据结构
| total {data-required data-indent=1} | integer | 金额
| kind {data-indent=1} | string | 种类<br/>`A` \\| `B` 枚举值之一
| names {data-indent=1} | string[] | 加密的名字列表
| secret {data-indent=1} | string {data-encrypted=by-rsa-pubkey data-tooltip="最长32字符"} | 密
| query | object | 查询
| when {data-indent=1} | string | 时候

{.im-table #request}

| 返回字典 | 类型 {.type} | 描述 {.desc}
| --- | --- | ---
| state {data-required} | string | 状态<br/>`X`：好<br/>`Y`：坏

{.im-table #response}

参阅 [官方文档](https://pay.weixin.qq.com/doc/v3/merchant/1)
"""
_NOTICE = """---
title: 事成通知
---

# {{ $frontmatter.title }} {#post}

| 请求参数 | 类型 {.type} | 描述 {.desc}
| --- | --- | ---
| body {data-required} | object | 数据结构
| resource {data-required data-indent=1} | object | 数据
| ciphertext {data-required data-indent=2} | string {data-encrypted=by-aes-gcm} | 密文
| {colspan=3 .im-table-line}
| state {data-required data-indent=3} | string | 状态

{.im-table #request}
"""


def test_the_widest_index(write: Write, tmp_path: Path) -> None:
    """A page is read by its indents: parts, values, marks and lengths; a notice by its text."""
    write("openapi/v3/things/{id}.md", _PAGE)
    write("openapi/index.md", "# 概览")
    write("webhook/v3/THING.DONE.md", _NOTICE)
    call, event = website.read(tmp_path)
    assert (call.verb, call.path, call.name) == ("post", "v3/things/{id}", "问一件事")
    assert call.mode == "direct"
    assert list(items(call, "path")) == ["id"]
    assert list(items(call, "query")) == ["when"]
    body = items(call, "body")
    assert (body["total"].required, body["kind"].required) == (True, False)
    assert body["kind"].values == ("A", "B")
    assert not body["kind"].closed
    assert body["names"].sealed
    assert (body["secret"].sealed, body["secret"].max_length) == (True, 32)
    assert items(call, "reply")["state"].values == ("X", "Y")
    assert (event.verb, event.path) == ("event", "v3/THING.DONE")
    assert list(items(event, "event")) == ["state"]


_OLD_REQUEST = """
package com.example.bean;
public class OldRequest {
  /**
   * <pre>
   * 是否必填：是
   * 类型：String(32)
   * </pre>
   */
  @XStreamAlias("out_no")
  private String outNo;
}
"""
_OLD_SERVICE = """
package com.example.impl;
import com.example.bean.OldRequest;
public class OldServiceImpl {
  public OldResult old(OldRequest request) throws X {
    String url = this.getPayBaseUrl() + "/pay/old";
    return OldResult.fromXML(this.post(url, request.toXML(), false), OldResult.class);
  }
  public String fresh(String id, OldRequest request) throws X {
    String url = String.format("%s/v3/fresh/%s", this.getPayBaseUrl(), id);
    return this.patchV3(url, GSON.toJson(request));
  }
  public void nothing() { }
}
"""


_OLD_CODES = """
public class WxPayErrorCode {
  public static class OrderClose {
    /**
     * 描述：系统错误.
     * 解决方案：系统异常，请用相同参数重新调用
     */
    public static final String A = "SYSTEMERROR";
    /** 编码. */
    public static final String B = "NOT_UTF8";
    /** 没有代码. */
    public static final String C = "No Code Here";
  }
  public static class Elsewhere {
    /** 其他. */
    public static final String D = "OTHER";
  }
}
"""


def test_both_dialects_in_one(write: Write, tmp_path: Path) -> None:
    """Calls of both dialects are found by the paths that their code makes."""
    code = "weixin-java-pay/src/main/java/com/github/binarywang/wxpay"
    write(f"{code}/bean/OldRequest.java", _OLD_REQUEST)
    write(f"{code}/service/impl/OldServiceImpl.java", _OLD_SERVICE)
    write(f"{code}/constant/WxPayErrorCode.java", _OLD_CODES)
    old, fresh, refused = wxjava.read(tmp_path)
    assert (refused.verb, refused.path) == ("post", "v2/pay/closeorder")
    assert refused.errors == (("SYSTEMERROR", 0, True), ("NOT_UTF8", 0, False))
    assert (old.verb, old.path) == ("post", "v2/pay/old")
    assert (fresh.verb, fresh.path) == ("patch", "v3/fresh/{p0}")
    found = items(old, "body")["out_no"]
    assert (found.required, found.max_length) == (True, 32)


def test_a_model_is_statements() -> None:
    """A model falls apart into facts, each with its source, its place and where it stands."""
    tree = {"a": Item("object", True, fields={"b": Item(unit="fen", required=False, says="f:1")})}
    found = list(statements("made-up", Model("post", "v3/x", {"body": tree})))
    assert [(each.field, each.what, each.value) for each in found] == [
        ("a", "type", "object"),
        ("a", "required", True),
        ("a/b", "type", "string"),
        ("a/b", "required", False),
        ("a/b", "unit", "fen"),
    ]
    assert found[-1].says == "f:1"


def test_the_manuals(write: Write, tmp_path: Path) -> None:
    """Each number of the tables is read with its words, and with all manuals that have it."""
    folder = "references/1-商户/问题排查"
    rows = "| 错误码 | 错误信息 | 分类 |\n| 268435461 | 参数非法 | 参数 |\n| 401 | no code | |\n"
    write(f"wechatpay-payscore/{folder}/排障手册.md", rows)
    more = "| 268443705 | 子商户不能相同（服务商） | 绑定 |\n"
    write(f"wechatpay-basic-payment/{folder}/排障手册.md", rows + more)
    first, second = manuals.read(tmp_path)
    assert first == (268435461, "参数非法", ("basic-payment", "payscore"))
    assert second == (268443705, "子商户不能相同", ("basic-payment",))


def test_the_manuals_tables_of_refusals(write: Write, tmp_path: Path) -> None:
    """A manual's table of codes is of the call that its chapter is about."""
    folder = "wechatpay-things/references/%s/接入指南/API接口清单.md"
    call = "| 创建商品券（单券） | `POST /v3/things` |\n"
    table = (
        "| 400 | ALREADY_EXISTS | 已存在 | 确认 |\n| 500 | SYSTEM_ERROR | 异常 | 使用相同 no |\n"
    )
    write(folder % "1-品牌", call)
    write(folder % "2-服务商", call + table)
    model = only(manuals.refusals(tmp_path))
    assert (model.verb, model.path) == ("post", "v3/things")
    assert model.errors == (("ALREADY_EXISTS", 400, False), ("SYSTEM_ERROR", 500, True))
